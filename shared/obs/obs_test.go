package obs_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/okence/okence/shared/obs"
)

func TestOnlyAllowedAttributesReachTheLog(t *testing.T) {
	var out bytes.Buffer
	log := obs.NewLogger(&out, slog.LevelInfo)
	before := obs.Value("okence_log_attributes_dropped_total")
	log.With("tenant", "ekc", "name", "Ana Horvat").WithGroup("g").Info("stored", "event", "e1", "text", "Kje dobim potrdilo?", slog.Group("sender", "address", "+38641123456"))
	line := out.String()
	for _, secret := range []string{"Horvat", "potrdilo", "38641"} {
		if strings.Contains(line, secret) {
			t.Errorf("the log shows %q", secret)
		}
	}
	for _, kept := range []string{"ekc", "e1", "stored"} {
		if !strings.Contains(line, kept) {
			t.Errorf("the log lost %q", kept)
		}
	}
	if got := obs.Value("okence_log_attributes_dropped_total"); got != before+3 {
		t.Errorf("%d attributes were counted as dropped, want 3", got-before)
	}
}

func TestLabelsCanNotBreakOutOfTheirSeries(t *testing.T) {
	obs.Count("okence_test_total", "tenant", "a\"}\n{evil=\"1\\")
	var out bytes.Buffer
	obs.WriteMetrics(&out)
	for _, line := range strings.Split(out.String(), "\n") {
		if strings.HasPrefix(line, "okence_test_total") && !strings.Contains(line, `{tenant="a_}__evil=_1_"} 1`) && !strings.Contains(line, `{tenant="a_}_{evil=_1_"} 1`) {
			t.Errorf("%q", line)
		}
	}
}
