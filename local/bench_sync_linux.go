package main

import (
	"os"
	"syscall"
)

// syncData makes a file's data durable, as SQLite does here.
func syncData(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }
