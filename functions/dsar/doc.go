// Package dsar takes a data-subject request from its receipt to the final answer.
// What the law leaves to a person, a person does at the portal; this function does
// what follows: routing by rule K20, limits, letters, hand-over to other
// controllers, and the order to carry out what an officer granted.
//
//	received.go    a request has arrived, or an earlier arrival of one
//	recognised.go  a message reads like one
//	step.go        somebody took a step: what follows from it
//	route.go       who answers; hand-over to other controllers
//	peer.go        what other controllers tell
//	reached.go     a limit is reached: an extension nobody was told of lapses
//	carried.go     what was granted is done; the case closes
//	clock.go       the limits that run, as the request says
//	code.go        one-time codes
//	letter.go      what the person is told
package dsar
