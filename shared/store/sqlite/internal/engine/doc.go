// Package engine is a thin binding to SQLite, compiled to Go by modernc.org:
// connections and prepared statements, nothing else.
//
// Why not database/sql: the store's hot path runs some fifteen short
// statements a commit. Through database/sql, or the driver below it, each one
// costs several allocations for arguments, results and rows, a copy into fresh
// memory for every parameter, and the mutexes of a serialised connection. Here
// a statement keeps its parameter buffers, and a connection belongs to one
// goroutine at a time. BenchmarkAccess in package sqlite measures the three.
//
// modernc.org/sqlite/lib is the same compiled SQLite that the driver uses.
package engine
