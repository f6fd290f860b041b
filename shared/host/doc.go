// Package host runs functions: one program each, unchanged, on AWS Lambda, on
// Google's Functions Framework, as an HTTP server of our own in any container
// (Cloud Run, Knative), or all of them together in one process (Local).
//
//	func main() { host.Main(webhook.New) }   // generated: functions/webhook/main
//
// Main tells the form from the environment that each platform sets:
//
//	AWS_LAMBDA_RUNTIME_API  Lambda: SQS batches with partial failures, EventBridge
//	                        events, a scheduler's calls, HTTP requests (lambda.go)
//	FUNCTION_TARGET         Functions Framework: a thin entry to the same handler
//	                        as below (framework.go)
//	otherwise               HTTP on $PORT: POST / takes CloudEvents in, the rest
//	                        are the function's routes (serve.go, receiver.go)
//
// In each form an event ends in one of four ways: done (or done before), set
// aside as a dead letter, to be delivered again, or refused because it is no
// event of ours. Function.Deliver decides that once; each form only says it in
// its platform's words.
//
// On demand, nothing runs between requests. So the events that a unit of work
// emits are published, by the bus, before the request is answered; what fails
// waits in the outbox for the relay function. Only Local publishes in the
// background.
//
// Settings come from OKENCE_* variables (Settings); a wrong one ends the process
// with status 2 and a line that names it. Logs are JSON lines on standard error.
// SIGTERM lets what is under way finish, for Settings.Grace at most.
//
// A Google source deploy wants one package at the top of what is uploaded:
//
//	go run ./shared/host/wire -stage webhook DIR
//	gcloud functions deploy webhook --gen2 --runtime go126 --source DIR --entry-point webhook …
//
// lays it out. Everywhere else the program is functions/NAME/main, for Lambda
// named bootstrap and built with -tags lambda.norpc.
package host
