package host

import (
	"encoding/json"
	"os"
	"strings"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/fault"
)

// Secrets finds the secrets of a channel account: one, or two while one is
// being rotated, or none. fault.Invalid: there is one and it can't be read.
type Secrets func(tenant string, n channel.Name) ([]channel.Secret, error)

// SecretVariable is the environment variable that holds an account's secret:
// OKENCE_SECRET_<TENANT>_<CHANNEL>_<PROVIDER>, upper case, hyphens as "_".
func SecretVariable(tenant string, n channel.Name) string {
	name := "OKENCE_SECRET_" + tenant + "_" + string(n.Channel) + "_" + n.Provider
	return strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// kept is how the ARN of a secret in AWS Secrets Manager begins, whatever the
// partition; a variable may hold one in place of the secret itself.
const kept = "arn:"

// secretsIn reads secrets from the environment, and those that are named there
// by their ARN through fetch.
func secretsIn(fetch func(arn string) (string, error), tenant string, n channel.Name) ([]channel.Secret, error) {
	variable := SecretVariable(tenant, n)
	text := strings.TrimSpace(os.Getenv(variable))
	if strings.HasPrefix(text, kept) {
		var err error
		if text, err = fetch(text); err != nil {
			return nil, err
		}
	}
	return ParseSecrets(variable, text)
}

// EnvSecrets reads secrets from the environment.
func EnvSecrets(tenant string, n channel.Name) ([]channel.Secret, error) {
	return ParseSecrets(SecretVariable(tenant, n), os.Getenv(SecretVariable(tenant, n)))
}

// ParseSecrets reads a secret's JSON: an object with keys as the provider names
// them, or a list of two such objects. Empty text is no secret.
func ParseSecrets(variable, text string) ([]channel.Secret, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	var list []channel.Secret
	if text[0] != '[' {
		text = "[" + text + "]"
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil || len(list) == 0 || len(list) > 2 {
		return nil, fault.New(fault.Invalid, "%s must hold a JSON object, or a list of at most two", variable)
	}
	return list, nil
}
