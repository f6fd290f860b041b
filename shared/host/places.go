package host

import (
	"regexp"
	"strings"
	"time"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/policy"
)

// place is where something of a deployment is, or whose it is.
type place struct {
	setting string // the variable that says so
	what    string
	name    string // region or provider, as it was given
	country policy.Country
}

// regions are the countries of cloud regions. AWS names cities, Google states:
// https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
// https://cloud.google.com/compute/docs/regions-zones
var regions = map[string]policy.Country{
	"eu-central-1": "DE", "eu-central-2": "CH", "eu-west-1": "IE", "eu-west-2": "GB", "eu-west-3": "FR",
	"eu-north-1": "SE", "eu-south-1": "IT", "eu-south-2": "ES", "eusc-de-east-1": "DE",
	"us-east-1": "US", "us-east-2": "US", "us-west-1": "US", "us-west-2": "US", "ca-central-1": "CA", "ca-west-1": "CA", "il-central-1": "IL",
	"europe-west1": "BE", "europe-west2": "GB", "europe-west3": "DE", "europe-west4": "NL", "europe-west6": "CH", "europe-west8": "IT",
	"europe-west9": "FR", "europe-west10": "DE", "europe-west12": "IT", "europe-central2": "PL", "europe-north1": "FI", "europe-north2": "SE",
	"europe-southwest1": "ES", "eur3": "EEA",
}

// operators are the undertakings that operate clouds for customers in the
// European Union, where a pack does not list them: Amazon Web Services EMEA SARL
// and Google Cloud EMEA Limited.
var operators = map[string]policy.Country{"aws": "LU", "google": "IE"}

var countryShape = regexp.MustCompile(`^[A-Z]{2}$`)

// countryOf is the country of a region, or "" for one that is not known.
func countryOf(region string) policy.Country {
	if countryShape.MatchString(region) {
		return policy.Country(region)
	}
	return regions[region]
}

// places are where the deployment's data, backups and logs lie, and who
// operates it, as far as the settings and the platform tell.
func (s Settings) places(form Form, getenv func(string) string) []place {
	region, operator := s.Region, s.Operator
	if own := getenv("AWS_REGION"); form == Lambda {
		// Lambda sets it itself: a setting that says otherwise is not believed.
		region = own
		operator = or(operator, "aws")
	} else if form == Framework {
		operator = or(operator, "google")
	}
	var out []place
	add := func(setting, what, name string, country policy.Country) {
		if name != "" || form == Lambda {
			out = append(out, place{setting, what, name, country})
		}
	}
	backup, logs := or(s.BackupRegion, region), or(s.LogRegion, region)
	add("OKENCE_REGION", "data", region, countryOf(region))
	add("OKENCE_BACKUP_REGION", "backups", backup, countryOf(backup))
	add("OKENCE_LOG_REGION", "logs", logs, countryOf(logs))
	add("OKENCE_OPERATOR", "the provider", operator, operators[operator])
	return out
}

func or(v, otherwise string) string {
	if v != "" {
		return v
	}
	return otherwise
}

// checkPlace says why a pack's terms don't allow a place: nil if they do. A
// place in a country that the terms don't allow needs the sub-processor there,
// open for data, with the controller's documented instruction and a transfer
// tool (rules K19, L05; GDPR arts. 28(3)(a), 44 to 49), and is never allowed
// where the terms forbid transfers.
func checkPlace(t *policy.Terms, p place) error {
	country := p.country
	sub, listed := t.SubProcessors[p.name]
	if p.setting == "OKENCE_OPERATOR" && listed {
		country = sub.Country
		if sub.Usable != nil && !*sub.Usable {
			return fault.New(fault.Invalid, "settings: %s=%s: the pack lists this provider as closed for data (L05)", p.setting, p.name)
		}
	}
	switch {
	case country == "":
		return fault.New(fault.Invalid, "settings: %s=%s: in which country this is, is not known: a region of AWS or Google in Europe, or a country's code", p.setting, p.name)
	case t.MayStore(country):
		return nil
	case t.Storage.Transfers == "on_instruction" && transferTo(t, country):
		return nil
	}
	return fault.New(fault.Invalid,
		"settings: %s=%s: %s would be in %s, outside the countries of the pack, which names no sub-processor there with instruction and transfer tool (K19, L05)",
		p.setting, p.name, p.what, country)
}

// transferTo reports whether the terms document a transfer to a country.
func transferTo(t *policy.Terms, country policy.Country) bool {
	for _, sub := range t.SubProcessors {
		if sub.Country == country && sub.Instruction != "" && sub.Tool != "" && (sub.Usable == nil || *sub.Usable) {
			return true
		}
	}
	return false
}

// CheckPlaces refuses a deployment that would keep a tenant's data, backups or
// logs, or have them kept by somebody, where the tenant's pack does not allow it
// at the instant now.
func CheckPlaces(s Settings, form Form, getenv func(string) string, packs *policy.Set, now time.Time) error {
	for _, tenant := range s.Tenants {
		pack, err := packs.ForTenant(tenant)
		if err != nil {
			return err
		}
		for _, p := range s.places(form, getenv) {
			if err := checkPlace(pack.At(now), p); err != nil {
				return fault.New(fault.Invalid, "%s; tenant %s, pack %s", strings.TrimSuffix(text(err), "."), tenant, pack.ID)
			}
		}
	}
	return nil
}

func text(err error) string {
	if f, ok := err.(*fault.Error); ok {
		return f.Text
	}
	return err.Error()
}

// WarnPlaces is CheckPlaces for `okence serve`: it logs what a deployment would
// be refused for.
func (env *Env) WarnPlaces(getenv func(string) string) {
	if err := CheckPlaces(env.Settings, Server, getenv, env.Policy, env.Work.Now()); err != nil {
		env.Log.Warn("a deployed function would refuse to start", "error", err.Error())
	}
}
