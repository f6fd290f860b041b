package callevent_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/callevent"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
)

const whole = `{"call_id":"c-1","leg_id":"c-1-a","seq":4,"type":"ended","at":"2026-11-23T12:05:30.5+01:00","direction":"inbound","from":"38641123456","to":"+38614783000","cause":"normal clearing","duration_s":330.25}`

func suite() channeltest.Case {
	return channeltest.Case{
		Provider: callevent.New(),
		Secret:   channel.Secret{"webhook_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
		Other:    channel.Secret{"webhook_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx"},
		Proof:    "Webhook-Signature",
		Bodies: []string{
			whole,
			`{"call_id":"c-1","type":"started","at":"2026-11-23T12:00:00+01:00","direction":"inbound"}`,
			`{"call_id":"c-1","seq":2,"type":"dtmf","digits":"1#","direction":"outbound"}`,
		},
	}
}

func TestSuite(t *testing.T) { channeltest.Run(t, suite()) }

// The specification's own vector (testdata/SOURCES.md): the proof is the same.
func TestTheSpecificationsVectorIsAccepted(t *testing.T) {
	r := channel.Request{
		Method: http.MethodPost, Body: []byte(`{"test": 2432232314}`), At: time.Unix(1614265330, 0).UTC(),
		Header: http.Header{
			"Webhook-Id": {"msg_p5jXN8AQM9LWM0D4loKWxJek"}, "Webhook-Timestamp": {"1614265330"},
			"Webhook-Signature": {"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
		},
	}
	if err := callevent.New().Verify(r, suite().Secret); err != nil {
		t.Error(err)
	}
	r.At = r.At.Add(5*time.Minute + time.Second)
	if err := callevent.New().Verify(r, suite().Secret); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a second beyond the window: %v", err)
	}
}

func parse(t testing.TB, body string) channel.Item {
	t.Helper()
	p := callevent.New()
	got := p.Parse(channel.Request{Body: []byte(body)})
	channeltest.Items(t, p, got)
	if len(got.Items) != 1 {
		t.Fatalf("%d items", len(got.Items))
	}
	return got.Items[0]
}

// changed is whole with other fields; nil takes one away.
func changed(t testing.TB, kv ...any) string {
	t.Helper()
	m := map[string]any{}
	if err := json.Unmarshal([]byte(whole), &m); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(kv); i += 2 {
		if m[kv[i].(string)] = kv[i+1]; kv[i+1] == nil {
			delete(m, kv[i].(string))
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func step(change func(*message.Inbound)) message.Inbound {
	at := time.Date(2026, 11, 23, 11, 5, 30, 5e8, time.UTC)
	m := message.Inbound{
		Channel: message.Voice, Provider: "event", ProviderID: "c-1", Kind: message.CallKind, Direction: message.In,
		Sender:     message.Party{Scheme: message.Tel, Address: "+38641123456", Raw: "38641123456"},
		Recipients: []message.Party{{Scheme: message.Tel, Address: "+38614783000"}},
		Line:       "+38614783000",
		Call:       &message.Call{CallID: "c-1", LegID: "c-1-a", Seq: 4, Step: message.Ended, Cause: "normal clearing", Duration: 330250 * time.Millisecond, At: at},
		SentAt:     at,
	}
	if change != nil {
		change(&m)
	}
	return m
}

func TestMapping(t *testing.T) {
	for name, c := range map[string]struct {
		body   string
		want   message.Inbound
		dedupe string
	}{
		"a whole step":                           {whole, step(nil), "c-1|c-1-a|4"},
		"a step of the call itself":              {changed(t, "leg_id", nil), step(func(m *message.Inbound) { m.Call.LegID = "c-1" }), "c-1|c-1|4"},
		"without a seq it goes by kind and time": {changed(t, "seq", nil), step(func(m *message.Inbound) { m.Call.Seq = 0 }), "c-1|c-1-a|ended|2026-11-23T11:05:30.5Z"},
		"without a time it goes by its seq":      {changed(t, "at", nil), step(func(m *message.Inbound) { m.SentAt, m.Call.At = time.Time{}, time.Time{} }), "c-1|c-1-a|4"},
		"a seq beyond a float's reach":           {strings.Replace(whole, `"seq":4`, `"seq":9007199254740993`, 1), step(func(m *message.Inbound) { m.Call.Seq = 9007199254740993 }), "c-1|c-1-a|9007199254740993"},
		"what we called":                         {changed(t, "direction", "outbound"), step(func(m *message.Inbound) { m.Direction, m.Line = message.Out, "+38641123456" }), "c-1|c-1-a|4"},
		"a hidden caller":                        {changed(t, "from", "Anonymous"), step(func(m *message.Inbound) { m.Sender = message.Party{Raw: "Anonymous"} }), "c-1|c-1-a|4"},
		"a caller hidden as a number":            {changed(t, "from", "+266696687"), step(func(m *message.Inbound) { m.Sender = message.Party{Raw: "+266696687"} }), "c-1|c-1-a|4"},
		"an extension": {changed(t, "to", "sip:104"), step(func(m *message.Inbound) {
			m.Line, m.Recipients = "sip:104", []message.Party{{Scheme: message.ID, Address: "sip:104", Raw: "sip:104"}}
		}), "c-1|c-1-a|4"},
		"keys and nothing else": {changed(t, "type", "dtmf", "digits", "1 a#\n9"), step(func(m *message.Inbound) { m.Call.Step, m.Call.Digits = message.DTMF, "1#9" }), "c-1|c-1-a|4"},
		"ids as numbers":        {changed(t, "call_id", 1, "leg_id", 2), step(func(m *message.Inbound) { m.ProviderID, m.Call.CallID, m.Call.LegID = "1", "1", "2" }), "1|2|4"},
		"no duration":           {changed(t, "duration_s", nil), step(func(m *message.Inbound) { m.Call.Duration = 0 }), "c-1|c-1-a|4"},
		"a cause on two lines":  {changed(t, "cause", "a\r\nb"), step(func(m *message.Inbound) { m.Call.Cause = "a b" }), "c-1|c-1-a|4"},
	} {
		t.Run(name, func(t *testing.T) {
			it := parse(t, c.body)
			if it.Parked != "" || it.Dedupe != c.dedupe || string(it.Raw) != c.body {
				t.Errorf("parked %q, identity %q", it.Parked, it.Dedupe)
			}
			if !reflect.DeepEqual(it.Message, c.want) {
				t.Errorf("got  %+v %+v\nwant %+v %+v", it.Message, it.Message.Call, c.want, c.want.Call)
			}
		})
	}
}

func TestTheSameStepHasOneIdentity(t *testing.T) {
	if a, b := parse(t, changed(t, "seq", nil)), parse(t, changed(t, "seq", nil, "at", "2026-11-23T11:05:30.500Z", "cause", "other")); a.Dedupe != b.Dedupe {
		t.Errorf("%q and %q", a.Dedupe, b.Dedupe)
	}
	seen := map[string]string{}
	for _, body := range []string{whole, changed(t, "leg_id", "c-1-b"), changed(t, "seq", 5), changed(t, "seq", nil), changed(t, "seq", nil, "type", "held"), changed(t, "seq", nil, "at", "2026-11-23T11:05:31Z"), changed(t, "call_id", "c-2")} {
		id := parse(t, body).Dedupe
		if was, ok := seen[id]; ok {
			t.Errorf("%s and %s are one", was, body)
		}
		seen[id] = body
	}
}

func TestWhatWaitsForAPerson(t *testing.T) {
	for name, c := range map[string][2]string{
		"no JSON":                  {"{", "json"},
		"a list":                   {"[]", "shape"},
		"another type":             {changed(t, "type", "sung"), "type"},
		"no type":                  {changed(t, "type", nil), "type"},
		"no call":                  {changed(t, "call_id", ""), "shape"},
		"no direction":             {changed(t, "direction", nil), "shape"},
		"a direction of its own":   {changed(t, "direction", "sideways"), "shape"},
		"neither time nor seq":     {changed(t, "at", nil, "seq", nil), "shape"},
		"seq 0 and no time":        {changed(t, "at", nil, "seq", 0), "shape"},
		"a time without an offset": {changed(t, "at", "2026-11-23T12:05:30"), "shape"},
		"a time before telephones": {changed(t, "at", "1876-03-10T12:00:00Z"), "shape"},
		"a seq below zero":         {changed(t, "seq", -1), "shape"},
		"half a seq":               {changed(t, "seq", 1.5), "shape"},
		"a duration below zero":    {changed(t, "duration_s", -1), "shape"},
		"a duration of words":      {changed(t, "duration_s", "NaN"), "shape"},
		"a week and a second":      {changed(t, "duration_s", 7*24*60*60+1), "shape"},
	} {
		t.Run(name, func(t *testing.T) {
			if it := parse(t, c[0]); it.Parked != c[1] || !strings.HasPrefix(it.Dedupe, "sha256:") {
				t.Errorf("parked %q, identity %q", it.Parked, it.Dedupe)
			}
		})
	}
}

func schema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(callevent.Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("event.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("event.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What the published schema allows is read, and its examples are allowed.
func TestTheSchemaTellsTheTruth(t *testing.T) {
	var doc struct{ Examples []json.RawMessage }
	if err := json.Unmarshal(callevent.Schema, &doc); err != nil || len(doc.Examples) == 0 {
		t.Fatal(err, "no examples")
	}
	s := schema(t)
	bodies := suite().Bodies
	for _, e := range doc.Examples {
		bodies = append(bodies, string(e))
	}
	for _, b := range bodies {
		v, _ := jsonschema.UnmarshalJSON(strings.NewReader(b))
		if err := s.Validate(v); err != nil {
			t.Errorf("%s: %v", b, err)
		}
		if it := parse(t, b); it.Parked != "" {
			t.Errorf("%s: parked %s", b, it.Parked)
		}
	}
	for _, c := range []string{changed(t, "type", "sung"), changed(t, "call_id", ""), changed(t, "direction", nil), changed(t, "at", nil, "seq", 0), changed(t, "seq", -1), changed(t, "seq", 1.5), changed(t, "duration_s", -1), changed(t, "duration_s", 604801)} {
		v, _ := jsonschema.UnmarshalJSON(strings.NewReader(c))
		if s.Validate(v) == nil {
			t.Errorf("the schema allows %s", c)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, b := range suite().Bodies {
		f.Add([]byte(b))
	}
	f.Add([]byte(changed(f, "seq", nil, "duration_s", "1e2", "from", nil)))
	p := callevent.New()
	f.Fuzz(func(t *testing.T, body []byte) {
		channeltest.Items(t, p, p.Parse(channel.Request{Body: body}))
	})
}
