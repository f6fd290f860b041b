// Package standin runs a deployment of infra/aws on one machine, without an
// account and without Docker, by the programs and the Terraform that are
// deployed:
//
//	Terraform           infra/aws, applied to moto; its output says what each
//	                    function is given
//	DynamoDB Local      the tables, by the names that Terraform gave them
//	functions           each a process behind a Runtime API of ours (lambdatest)
//	HTTP API            Handler, by the route keys of functions.tf.json
//	event source        Pump: queue -> function -> batchItemFailures; what failed
//	mappings            is seen again at once, and the queue's own redrive policy
//	                    takes it to its dead-letter queue
//	Scheduler           Tick: moto fires no schedules
//
// What it can't show: rights (moto checks none: a test compares those used with
// those granted), limits and prices of Amazon's, cold starts of its machines.
//
// The functions are built with -tags lambda.norpc,aws,standin, which lets them go
// by a clock that is moved by hand and take development tokens. No deployed build
// has that code.
package standin
