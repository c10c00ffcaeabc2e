"""Reading the record: who did what when, whether it is whole, and whether it holds what a phase must leave."""
