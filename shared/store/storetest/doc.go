// Package storetest is the contract of the document store port as tests, and
// the wrapper that makes a store fail.
//
// A driver's test is one line:
//
//	storetest.Run(t, func(t *testing.T) store.Store { … })
//
// and one more when what it stores outlives the process:
//
//	storetest.RunDurable(t, func(t *testing.T) func() store.Store { … })
package storetest
