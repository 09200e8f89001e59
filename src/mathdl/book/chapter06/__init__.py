"""The items of chapter 6: regression."""
