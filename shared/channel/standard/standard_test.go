package standard

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
)

// The vectors (testdata/SOURCES.md).
const (
	vectorKey   = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	vectorKeyA  = "whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk="
	vectorID    = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	vectorTime  = 1614265330
	vectorBody  = `{"test": 2432232314}`
	vectorSign  = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	vectorSignA = "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag=="
	other       = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="
)

func vector(list string) channel.Request {
	return channel.Request{
		Method: http.MethodPost,
		Header: http.Header{headerID: {vectorID}, headerTime: {"1614265330"}, headerSign: {list}},
		Body:   []byte(vectorBody),
		At:     time.Unix(vectorTime, 0).UTC(),
	}
}

func secret(key string) channel.Secret { return channel.Secret{keyName: key} }

func public() string {
	k, _ := keyOf(secret(vectorKeyA))
	return "whpk_" + base64.StdEncoding.EncodeToString(k.public)
}

func TestTheSpecificationsVectorsAreAccepted(t *testing.T) {
	for name, c := range map[string][2]string{
		"v1":                                    {vectorKey, vectorSign},
		"v1, key without its prefix":            {vectorKey[6:], vectorSign},
		"v1 among others":                       {vectorKey, other + " v2," + other[3:] + " " + vectorSign + " " + other},
		"v1 beside a v1a that isn't asked for":  {vectorKey, "v1a,nonsense " + vectorSign},
		"v1a by the public key":                 {public(), vectorSignA},
		"v1a by the private key":                {vectorKeyA, vectorSignA},
		"v1a beside a v1 that isn't asked for":  {public(), other + " " + vectorSignA},
		"entries apart by more than one space":  {vectorKey, other + "   " + vectorSign},
		"a version that is yet to be invented ": {vectorKey, "v9,!! " + vectorSign},
	} {
		if err := New().Verify(vector(c[1]), secret(c[0])); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSignWritesWhatTheSpecificationWrites(t *testing.T) {
	for key, want := range map[string]string{vectorKey: vectorSign, vectorKeyA: vectorSignA} {
		r := vector("")
		if err := New().Sign(&r, secret(key)); err != nil || r.Header.Get(headerSign) != want {
			t.Errorf("got %v, %s", err, r.Header.Get(headerSign))
		}
	}
	r := vector("")
	if err := New().Sign(&r, secret(public())); fault.Of(err) != fault.Invalid {
		t.Errorf("a public key signed: %v", err)
	}
}

func TestVerifyRefuses(t *testing.T) {
	long := base64.StdEncoding.EncodeToString(make([]byte, 65))
	short := base64.StdEncoding.EncodeToString(make([]byte, 23))
	for name, c := range map[string]struct {
		list, key string
		change    func(r *channel.Request)
	}{
		"another signature":               {list: other},
		"an entry without a signature":    {list: "v1,"},
		"an entry without a version":      {list: vectorSign[3:]},
		"only other versions":             {list: "v2," + vectorSign[3:]},
		"v1 called v1a":                   {list: "v1a," + vectorSign[3:]},
		"v1a under a v1 key":              {list: vectorSignA},
		"v1 under a v1a key":              {list: vectorSign, key: public()},
		"two headers joined by a comma":   {list: vectorSign + ", " + vectorSign},
		"a key of 23 bytes":               {list: vectorSign, key: "whsec_" + short},
		"a key of 65 bytes":               {list: vectorSign, key: "whsec_" + long},
		"a key that isn't base64":         {list: vectorSign, key: "whsec_not base64"},
		"a key of an unknown sort":        {list: vectorSign, key: "whxx_" + vectorKey[6:]},
		"no id":                           {list: vectorSign, change: func(r *channel.Request) { r.Header.Del(headerID) }},
		"two ids":                         {list: vectorSign, change: func(r *channel.Request) { r.Header.Add(headerID, vectorID) }},
		"another id":                      {list: vectorSign, change: func(r *channel.Request) { r.Header.Set(headerID, "msg_other") }},
		"no time":                         {list: vectorSign, change: func(r *channel.Request) { r.Header.Del(headerTime) }},
		"two times":                       {list: vectorSign, change: func(r *channel.Request) { r.Header.Add(headerTime, "1614265330") }},
		"another time in the window":      {list: vectorSign, change: func(r *channel.Request) { r.Header.Set(headerTime, "1614265331") }},
		"a time with a plus":              {list: vectorSign, change: func(r *channel.Request) { r.Header.Set(headerTime, "+1614265330") }},
		"a time with a zero before it":    {list: vectorSign, change: func(r *channel.Request) { r.Header.Set(headerTime, "01614265330") }},
		"a time in words":                 {list: vectorSign, change: func(r *channel.Request) { r.Header.Set(headerTime, "now") }},
		"a time beyond sixty-four bits":   {list: vectorSign, change: func(r *channel.Request) { r.Header.Set(headerTime, strings.Repeat("9", 20)) }},
		"a time at the end of all time":   {list: vectorSign, change: func(r *channel.Request) { r.Header.Set(headerTime, "9223372036854775807") }},
		"five minutes and a second late":  {list: vectorSign, change: func(r *channel.Request) { r.At = r.At.Add(Window + time.Second) }},
		"five minutes and a second early": {list: vectorSign, change: func(r *channel.Request) { r.At = r.At.Add(-Window - time.Second) }},
	} {
		r := vector(c.list)
		if c.change != nil {
			c.change(&r)
		}
		if c.key == "" {
			c.key = vectorKey
		}
		if err := New().Verify(r, secret(c.key)); fault.Of(err) != fault.Unauthenticated {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// What is refused for its form is refused though its signature is right.
func TestARightSignatureDoesNotExcuseTheForm(t *testing.T) {
	sign := func(raw []byte, stamp string) string {
		return "v1," + base64.StdEncoding.EncodeToString(key{mac: raw}.sum(signed(vectorID, stamp, []byte(vectorBody))))
	}
	for _, c := range []struct {
		bytes int
		stamp string
		ok    bool
	}{
		{24, "1614265330", true}, {64, "1614265330", true}, {23, "1614265330", false}, {65, "1614265330", false},
		{24, "+1614265330", false}, {24, "01614265330", false},
	} {
		raw := bytes.Repeat([]byte{7}, c.bytes)
		r := vector(sign(raw, c.stamp))
		r.Header.Set(headerTime, c.stamp)
		err := New().Verify(r, secret("whsec_"+base64.StdEncoding.EncodeToString(raw)))
		if c.ok != (err == nil) {
			t.Errorf("%d bytes, %s: got %v", c.bytes, c.stamp, err)
		}
	}
}

func TestTheWindowIsFiveMinutesOnEitherSide(t *testing.T) {
	for _, off := range []time.Duration{Window, -Window, 0} {
		r := vector(vectorSign)
		r.At = r.At.Add(off)
		if err := New().Verify(r, secret(vectorKey)); err != nil {
			t.Errorf("%s: %v", off, err)
		}
	}
}

// id.timestamp.body can be cut elsewhere where the id may hold a full stop.
func TestASignatureHoldsForOneReadingOnly(t *testing.T) {
	r := channel.Request{Body: []byte("1614265330.{}"), At: time.Unix(vectorTime, 0), Header: http.Header{headerID: {"a"}}}
	if err := New().Sign(&r, secret(vectorKey)); err != nil {
		t.Fatal(err)
	}
	r.Header.Set(headerID, "a.1614265330")
	r.Body = []byte("{}")
	if err := New().Verify(r, secret(vectorKey)); fault.Of(err) != fault.Unauthenticated {
		t.Fatalf("got %v", err)
	}
}

func TestWhatHoldsForEveryProvider(t *testing.T) {
	for _, keys := range [][2]string{{vectorKey, "whsec_AfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}, {vectorKeyA, vectorKey}} {
		channeltest.Run(t, channeltest.Case{
			Provider: New(),
			Secret:   secret(keys[0]),
			Other:    secret(keys[1]),
			Proof:    headerSign,
			Bodies:   []string{full, `{"type":"message","id":"m","sender":{"id":"v"},"text":"x"}`}[len(keys[0])%2:],
		})
	}
}

const full = `{"type":"message","id":"m-2","conversation":"chat-3","sender":{"id":"visitor-7","name":"Ana Žagar","email":"ana@example.org"},` +
	`"text":"Pošiljam račun. Спасибо 👍🏽","sent_at":"2026-11-23T12:00:00.25+01:00","reply_to":"m-1",` +
	`"attachments":[{"name":"račun.pdf","mime":"application/pdf","url":"https://files.example.org/7"}]}`

func parse(body string) channel.Item {
	return New().Parse(channel.Request{Header: http.Header{headerID: {"msg_1"}}, Body: []byte(body)}).Items[0]
}

func TestAFullMessage(t *testing.T) {
	want := channel.Item{Dedupe: "msg_1", Raw: []byte(full), Message: message.Inbound{
		Channel: "livechat", Provider: "standard", Kind: message.Said, Direction: message.In,
		ProviderID: "m-2", Thread: "chat-3", ReplyTo: "m-1",
		Sender: message.Party{Scheme: message.ID, Address: "visitor-7", Name: "Ana Žagar", UserID: "ana@example.org"},
		Text:   "Pošiljam račun. Спасибо 👍🏽",
		Media:  []message.Media{{URL: "https://files.example.org/7", Name: "račun.pdf", Mime: "application/pdf"}},
		SentAt: time.Date(2026, 11, 23, 11, 0, 0, 250_000_000, time.UTC),
	}}
	if got := parse(full); !reflect.DeepEqual(got, want) {
		t.Fatalf("got  %+v\nwant %+v", got, want)
	}
}

// cases are bodies with one thing changed; code "" is a message.
var cases = map[string]struct {
	body, code string
	schema     bool // whether the published schema allows it
}{
	"the least":                  {`{"type":"message","id":"m","sender":{"id":"v"},"text":"x"}`, "", true},
	"only a file":                {`{"type":"message","id":"m","sender":{"id":"v"},"attachments":[{"url":"https://x.example/1"}]}`, "", true},
	"a sender by mail only":      {`{"type":"message","id":"m","sender":{"email":"a@b.example"},"text":"x"}`, "", true},
	"a field of the future":      {`{"type":"message","id":"m","sender":{"id":"v"},"text":"x","mood":1}`, "", true},
	"an id that is a number":     {`{"type":"message","id":9007199254740993,"sender":{"id":"v"},"text":"x"}`, "", false},
	"no JSON":                    {`{"type":`, "json", false},
	"nothing":                    {``, "json", false},
	"a list":                     {`[]`, "shape", false},
	"null":                       {`null`, "type", false},
	"no type":                    {`{"id":"m","sender":{"id":"v"},"text":"x"}`, "type", false},
	"another type":               {`{"type":"typing","id":"m","sender":{"id":"v"}}`, "type", false},
	"another type, other shapes": {`{"type":"hologram","text":[1]}`, "type", false},
	"no id":                      {`{"type":"message","sender":{"id":"v"},"text":"x"}`, "shape", false},
	"nobody":                     {`{"type":"message","id":"m","sender":{},"text":"x"}`, "address", false},
	"no sender":                  {`{"type":"message","id":"m","text":"x"}`, "address", false},
	"mail that is none":          {`{"type":"message","id":"m","sender":{"email":"ana"},"text":"x"}`, "address", false},
	"nothing said":               {`{"type":"message","id":"m","sender":{"id":"v"},"text":""}`, "shape", false},
	"a text that is a number":    {`{"type":"message","id":"m","sender":{"id":"v"},"text":1}`, "shape", false},
	"a time without an offset":   {`{"type":"message","id":"m","sender":{"id":"v"},"text":"x","sent_at":"2026-11-23T12:00:00"}`, "shape", false},
	"a file without a link":      {`{"type":"message","id":"m","sender":{"id":"v"},"attachments":[{"name":"x"}]}`, "shape", false},
	"one file instead of a list": {`{"type":"message","id":"m","sender":{"id":"v"},"attachments":{"url":"https://x.example"}}`, "shape", false},
}

func TestEveryShape(t *testing.T) {
	schema := compile(t)
	for name, c := range cases {
		it := parse(c.body)
		if it.Parked != c.code || it.Dedupe != "msg_1" || string(it.Raw) != c.body {
			t.Errorf("%s: got %q", name, it.Parked)
		}
		if allowed := valid(schema, c.body); allowed != c.schema {
			t.Errorf("%s: the schema says %v", name, allowed)
		}
		if valid(schema, c.body) && it.Parked != "" {
			t.Errorf("%s: published as right, and parked", name)
		}
	}
	if !valid(schema, full) {
		t.Error("the full message is against the schema")
	}
}

func TestTheSchemasOwnExamplesAreMessages(t *testing.T) {
	var s struct{ Examples []json.RawMessage }
	if err := json.Unmarshal(Schema, &s); err != nil || len(s.Examples) == 0 {
		t.Fatal(err, len(s.Examples))
	}
	schema := compile(t)
	for i, e := range s.Examples {
		if it := parse(string(e)); it.Parked != "" || !valid(schema, string(e)) {
			t.Errorf("example %d: %q", i, it.Parked)
		}
	}
}

func TestNamesAndTextsAreCleaned(t *testing.T) {
	m := parse(`{"type":"message","id":"m","sender":{"id":"v","name":"Ana\r\nBcc: x"},"text":"c\u030c\u0000\r\ny","attachments":[{"url":"https://x.example/1","name":"a\u202Efdp.exe"}]}`).Message
	if m.Sender.Name != "Ana Bcc: x" || m.Text != "č\ny" || m.Media[0].Name != "afdp.exe" {
		t.Fatalf("got %+v", m)
	}
}

func TestWithoutItsHeadersABodyIsItself(t *testing.T) {
	it := New().Parse(channel.Request{Body: []byte(full)}).Items[0]
	if it.Dedupe != channel.Digest([]byte(full)) {
		t.Fatal(it.Dedupe)
	}
}

func compile(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("standard.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("standard.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func valid(s *jsonschema.Schema, body string) bool {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	return err == nil && s.Validate(doc) == nil
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(full))
	for _, c := range cases {
		f.Add([]byte(c.body))
	}
	schema := compile(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		got := New().Parse(channel.Request{Body: body})
		channeltest.Items(t, New(), got)
		if len(got.Items) != 1 {
			t.Fatal("one body is one item")
		}
		if got.Items[0].Parked == "json" && valid(schema, string(body)) {
			t.Fatal("published as right, and parked")
		}
	})
}
