"""The book's examples, tables, figures and exercises as experiments that can be run again."""
