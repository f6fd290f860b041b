//go:build aws

package host

import "github.com/okence/okence/shared/fault"

func serveFramework(*Function, *Env) error {
	return fault.New(fault.Invalid, "this build is for AWS: it is no Functions Framework function")
}
