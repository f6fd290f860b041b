// Package laws holds the architecture as tests: what may import what, what a
// function folder must have, what the top level may be, and which functions of
// the standard library are not for everybody. It has no code of its own.
package laws
