// Package amazon is what all drivers for AWS have alike: how they come to a
// configuration (Config, by the SDK's own variables and files), and what an
// error of AWS's means to us (Fault).
//
// Clients are built at the first call that needs one (Lazy): a function that
// never sends mail never builds a mail client (five clients make a start 4.4
// times as long: infra/decisions/0030).
//
// Every failed call counts in okence_aws_failures_total, by service and Cause.
// Each cause has a runbook of that name in infra/aws/runbooks.
package amazon
