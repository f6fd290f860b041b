//go:build gcp

package host

import "github.com/okence/okence/shared/fault"

func serveLambda(*Function, *Env) error {
	return fault.New(fault.Invalid, "this build is for Google Cloud: it is no Lambda function")
}
