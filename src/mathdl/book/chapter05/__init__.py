"""The items of chapter 5: kinds of learning."""
