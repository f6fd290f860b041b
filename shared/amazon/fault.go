package amazon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/obs"
)

// Cause is why a call to AWS failed, as the one who must mend it sees it.
type Cause string

const (
	Throttle    Cause = "throttle"    // too many calls: a quota, or a hot key
	Credentials Cause = "credentials" // none, expired, or of nobody
	Right       Cause = "right"       // the role lacks a right
	Place       Cause = "place"       // no such table, bucket, queue or key: wrong name or wrong region
	Key         Cause = "key"         // a KMS key is disabled, is to be deleted, or is gone
	Size        Cause = "size"        // over a limit of the service
	Network     Cause = "network"     // no answer
	Service     Cause = "service"     // AWS itself failed
	Call        Cause = "call"        // refused as malformed: a defect of ours, or another service's emulator
)

// Causes lists the whole set, in the order of the constants.
var Causes = []Cause{Throttle, Credentials, Right, Place, Key, Size, Network, Service, Call}

// Validate reports whether c is one of the set.
func (c Cause) Validate() error {
	for _, known := range Causes {
		if c == known {
			return nil
		}
	}
	return fmt.Errorf("amazon: unknown cause %q", string(c))
}

// says is the sentence in an error's text.
var says = map[Cause]string{
	Throttle: "too many calls", Credentials: "no valid credentials", Right: "the role lacks the right",
	Place: "nothing of that name in this region", Key: "the KMS key can't be used", Size: "too large",
	Network: "no answer", Service: "the service failed", Call: "the call was refused",
}

// kinds are what a caller can do. A deployment that lacks a right, a region or
// credentials can be mended, so what came meanwhile is delivered again: it is
// Unavailable, never Forbidden, which would set events aside.
var kinds = map[Cause]fault.Kind{
	Throttle: fault.Overload, Credentials: fault.Unavailable, Right: fault.Unavailable, Place: fault.Unavailable,
	Key: fault.Unavailable, Size: fault.TooLarge, Network: fault.Unavailable, Service: fault.Unavailable, Call: fault.Internal,
}

// codes are errors by their code, those apart that mean a throttle (the SDK
// knows them) or are told by their HTTP status.
var codes = map[string]Cause{
	"ExpiredToken": Credentials, "ExpiredTokenException": Credentials, "RequestExpired": Credentials, "TokenRefreshRequired": Credentials,
	"UnrecognizedClientException": Credentials, "InvalidClientTokenId": Credentials, "InvalidAccessKeyId": Credentials, "InvalidToken": Credentials,
	"SignatureDoesNotMatch": Credentials, "InvalidSignatureException": Credentials, "IncompleteSignature": Credentials, "RequestTimeTooSkewed": Credentials,
	"MissingAuthenticationToken": Credentials, "MissingAuthenticationTokenException": Credentials,

	"AccessDenied": Right, "AccessDeniedException": Right, "AuthorizationErrorException": Right, "NotAuthorized": Right,
	"UnauthorizedOperation": Right, "AllAccessDisabled": Right, "OptInRequired": Right, "NotAuthorizedException": Right,

	"PermanentRedirect": Place, "AuthorizationHeaderMalformed": Place, "TemporaryRedirect": Place, "IllegalLocationConstraintException": Place,
	"NoSuchBucket": Place, "ResourceNotFoundException": Place, "TableNotFoundException": Place, "QueueDoesNotExist": Place,
	"AWS.SimpleQueueService.NonExistentQueue": Place, "NotFoundException": Place, "InvalidAddress": Place, "MovedPermanently": Place,

	"DisabledException": Key, "KMSInvalidStateException": Key, "KeyUnavailableException": Key, "InvalidKeyUsageException": Key,
	"KMS.DisabledException": Key, "KMS.KMSInvalidStateException": Key, "KMS.NotFoundException": Key, "KmsDisabled": Key, "KmsInvalidState": Key,
	"KmsNotFound": Key, "KmsAccessDenied": Right, "KmsThrottled": Throttle, "AWS.SimpleQueueService.KmsDisabled": Key,

	"InternalFailure": Service, "InternalException": Service, "InternalServerError": Service, "ServiceUnavailable": Service,

	"EntityTooLarge": Size, "ItemCollectionSizeLimitExceededException": Size, "BatchRequestTooLong": Size, "RequestEntityTooLarge": Size,
	"AWS.SimpleQueueService.BatchRequestTooLong": Size, "KmsThrottlingException": Throttle, "SlowDown": Throttle, "LimitExceededException": Throttle,
}

// CauseOf tells why a call failed. Nil has the cause "".
func CauseOf(err error) Cause {
	var signing *v4.SigningError
	var missing *aws.MissingRegionError
	var api smithy.APIError
	var answer *awshttp.ResponseError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &missing):
		return Place
	case errors.As(err, &api):
		code, _, _ := strings.Cut(api.ErrorCode(), ":")
		if i := strings.LastIndexByte(code, '#'); i >= 0 { // com.amazonaws.dynamodb.v20120810#…
			code = code[i+1:]
		}
		if c, ok := codes[code]; ok {
			return c
		}
		if _, ok := retry.DefaultThrottleErrorCodes[code]; ok {
			return Throttle
		}
	case errors.As(err, &signing):
		return Credentials
	}
	if errors.As(err, &answer) {
		switch status := answer.HTTPStatusCode(); {
		case status == http.StatusTooManyRequests:
			return Throttle
		case status == http.StatusUnauthorized, status == http.StatusForbidden:
			return Right
		case status == http.StatusRequestEntityTooLarge:
			return Size
		case status == http.StatusMovedPermanently, status == http.StatusNotFound:
			return Place
		case status >= 500:
			return Service
		case status >= 400:
			return Call
		}
	}
	// The SDK has no type for a provider of credentials that failed.
	if strings.Contains(err.Error(), "get identity: get credentials") || strings.Contains(err.Error(), "failed to refresh cached credentials") {
		return Credentials
	}
	return Network
}

// Fault is err as one of ours, counted: "aws: dynamodb: the role lacks the
// right: AccessDeniedException". It keeps the error of the SDK, whose text names
// resources and roles of the operator's; a service that quotes what it was
// given (mail) must not be passed on so. A cancelled context is Unavailable and
// not counted; an error of ours stays as it is.
func Fault(service string, err error) error {
	var known *fault.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return known
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fault.New(fault.Unavailable, "aws: %s: no time left", service).Because(err)
	}
	c := CauseOf(err)
	Count(service, c)
	return fault.New(kinds[c], "aws: %s: %s", service, says[c]).Because(err)
}

// Count counts a failed call, for a driver that makes the error itself.
func Count(service string, c Cause) {
	obs.Count("okence_aws_failures_total", "service", service, "cause", string(c))
}
