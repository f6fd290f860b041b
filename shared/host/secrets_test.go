package host

import (
	"testing"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
)

func TestASecretMayBeNamedByItsARN(t *testing.T) {
	n := channel.Name{Channel: message.SMS, Provider: "twilio"}
	const arn = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:okence/ekc-AbCdEf"
	for _, c := range []struct {
		name, value, stored string
		want                int
		kind                fault.Kind
	}{
		{"no variable", "", "", 0, ""},
		{"the secret itself", `{"auth_token":"x"}`, "", 1, ""},
		{"an ARN", arn, `{"auth_token":"x"}`, 1, ""},
		{"an ARN of two secrets, with white space", " " + arn + "\n", `[{"auth_token":"x"},{"auth_token":"y"}]`, 2, ""},
		{"an ARN of no JSON", arn, "x", 0, fault.Invalid},
		{"an ARN that can't be fetched", arn, "down", 0, fault.Unavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv(SecretVariable("ekc", n), c.value)
			got, err := secretsIn(func(asked string) (string, error) {
				if asked != arn {
					t.Errorf("asked for %q", asked)
				}
				if c.stored == "down" {
					return "", fault.New(fault.Unavailable, "down")
				}
				return c.stored, nil
			}, "ekc", n)
			if len(got) != c.want || fault.Of(err) != c.kind {
				t.Errorf("%d secrets, %v", len(got), err)
			}
		})
	}
}
