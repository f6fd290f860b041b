package host

import (
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/policy"
)

func TestWhereADeploymentMayLie(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		tenant string
		form   Form
		aws    string // AWS_REGION
		change func(*Settings)
		want   string // part of the refusal; empty: it starts
	}{
		{"Frankfurt, in the EEA", "ekc", Lambda, "eu-central-1", nil, ""},
		{"Zurich, where no pack allows data", "ekc", Lambda, "eu-central-2", nil, "data would be in CH"},
		{"London, since it left", "ekc", Lambda, "eu-west-2", nil, "data would be in GB"},
		{"a region that nobody told the country of", "ekc", Lambda, "ap-southeast-2", nil, "is not known"},
		{"a Lambda whose platform does not say where it is", "ekc", Lambda, "", nil, "OKENCE_REGION=: in which country"},
		{"a setting does not outvote the platform", "ekc", Lambda, "us-east-1", func(s *Settings) { s.Region = "DE" }, "data would be in US"},
		{"backups elsewhere in the EEA", "ekc", Lambda, "eu-central-1", func(s *Settings) { s.BackupRegion = "eu-west-1" }, ""},
		{"backups outside", "ekc", Lambda, "eu-central-1", func(s *Settings) { s.BackupRegion = "us-east-1" }, "OKENCE_BACKUP_REGION=us-east-1: backups would be in US"},
		{"logs outside", "ekc", Lambda, "eu-central-1", func(s *Settings) { s.LogRegion = "CH" }, "OKENCE_LOG_REGION=CH: logs would be in CH"},
		{"an operator that is not known", "ekc", Lambda, "eu-central-1", func(s *Settings) { s.Operator = "somebody" }, "OKENCE_OPERATOR=somebody"},
		{"an operator that the pack lists as closed for data", "laboss", Lambda, "eu-central-1", func(s *Settings) { s.Operator = "xano" }, "closed for data"},
		{"the pack's own sub-processor in the EEA", "laboss", Lambda, "eu-central-1", func(s *Settings) { s.Operator = "google" }, ""},
		{"a machine of one's own that says nothing", "ekc", Server, "us-east-1", nil, ""},
		{"a machine of one's own abroad", "ekc", Server, "", func(s *Settings) { s.Region = "US" }, "data would be in US"},
		{"Google in Warsaw", "ekc", Framework, "", func(s *Settings) { s.Region = "europe-central2" }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := Settings{Tenants: []string{c.tenant}}
			if c.change != nil {
				c.change(&s)
			}
			getenv := func(name string) string {
				if name == "AWS_REGION" {
					return c.aws
				}
				return ""
			}
			err := CheckPlaces(s, c.form, getenv, policy.Builtin(), now)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func TestATransferNeedsInstructionAndTool(t *testing.T) {
	no := false
	us := place{"OKENCE_REGION", "data", "us-east-1", "US"}
	for _, c := range []struct {
		name      string
		transfers string
		sub       policy.SubContract
		allowed   bool
	}{
		{"with both", "on_instruction", policy.SubContract{Country: "US", Instruction: "letter of 1 March 2026", Tool: "scc"}, true},
		{"without the instruction", "on_instruction", policy.SubContract{Country: "US", Tool: "scc"}, false},
		{"without the tool", "on_instruction", policy.SubContract{Country: "US", Instruction: "letter of 1 March 2026"}, false},
		{"of another country", "on_instruction", policy.SubContract{Country: "GB", Instruction: "letter of 1 March 2026", Tool: "scc"}, false},
		{"closed for data", "on_instruction", policy.SubContract{Country: "US", Instruction: "letter of 1 March 2026", Tool: "scc", Usable: &no}, false},
		{"where the pack forbids transfers", "never", policy.SubContract{Country: "US", Instruction: "letter of 1 March 2026", Tool: "scc"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			terms := &policy.Terms{
				Storage:       policy.Storage{Countries: []policy.Country{"EEA"}, Transfers: c.transfers},
				SubProcessors: map[string]policy.SubContract{"aws": c.sub},
			}
			if err := checkPlace(terms, us); (err == nil) != c.allowed {
				t.Errorf("error %v", err)
			}
		})
	}
}
