"""What people see: lines, progress and tables; the same for every command."""
