package meta

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/domain/message"
)

func hexOf(b []byte) string { return hex.EncodeToString(b) }

const frame = `{"object":"whatsapp_business_account","entry":[{"id":"1234567890987654321","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"972123456789","phone_number_id":"1122334455667"},"contacts":[{"profile":{"name":"Test Name"},"wa_id":"972987654321"},{"profile":{"name":"Sheena Nelson"},"user_id":"US.13491208655302741918"}],%s},"field":"messages"}]}]}`

func parse(body string) []channel.Item {
	return New().Parse(channel.Request{Body: []byte(body)}).Items
}

// one parses a body with one element and returns its item.
func one(t testing.TB, list, element string) channel.Item {
	t.Helper()
	items := parse(fmt.Sprintf(frame, `"`+list+`":[`+element+`]`))
	if len(items) != 1 {
		t.Fatalf("%d items", len(items))
	}
	return items[0]
}

func samples(t testing.TB, file string) map[string]json.RawMessage {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTheBodyMetaSignedIsOneMessage(t *testing.T) {
	items := New().Parse(vector(t)).Items
	want := message.Inbound{
		Channel: "whatsapp", Provider: "meta", Kind: message.Said, Direction: message.In,
		ProviderID: "wamid.HBgMOTcyNTQ0NDAxMjQzFQIAEhggM0RFQTNCMEEwRTY3QzUwODYzMDc4NjQ4QzM4ODAxM0YA",
		Sender:     message.Party{Scheme: message.Tel, Address: "+972544401243", Raw: "972544401243", Name: "PyWa Tests"},
		Recipients: []message.Party{{Scheme: message.Tel, Address: "+15550953877", Raw: "15550953877"}},
		Line:       "277321005464405",
		Text:       "Hey there! I am using PyWa.",
		SentAt:     time.Date(2024, 10, 29, 19, 58, 23, 0, time.UTC),
	}
	if len(items) != 1 || !reflect.DeepEqual(items[0].Message, want) || items[0].Parked != "" {
		t.Fatalf("got %+v", items)
	}
}

func TestEveryTypeOfMessage(t *testing.T) {
	type want struct {
		kind                      message.Kind
		parked, text, ref         string
		target, reaction, replyTo string
		control                   string
		forwarded                 bool
	}
	const said = message.Said
	cases := map[string]want{
		"image":                        {kind: said, ref: "65463453"},
		"video":                        {kind: said, ref: "765756756", text: "caption", forwarded: true},
		"document":                     {kind: said, ref: "1234567890987654321", text: "caption", forwarded: true},
		"voice":                        {kind: said, ref: "1234567890987654321"},
		"sticker":                      {kind: said, ref: "1234567890987654321"},
		"reaction":                     {kind: message.Reaction, target: "wamid.yzxyzx=", reaction: "😮"},
		"unreaction_empty":             {kind: message.Reaction, target: "wamid.yzxyzx="},
		"unreaction_no_emoji":          {kind: message.Reaction, target: "wamid.yzxyzx="},
		"current_location":             {kind: said, forwarded: true},
		"chosen_location":              {kind: said, text: "https://maps.google.com/?cid=2000000000000000000"},
		"contacts":                     {kind: said, text: "Chandler Bing, +1 555-555-5555\nMonica, +1 666-666-6666"},
		"order":                        {kind: said, text: "3 × HAMBURGER, 30 ILS\n2 × FRENCH_FRIES, 35 ILS"},
		"unsupported":                  {kind: said, parked: "unsupported"},
		"reply":                        {kind: said, text: "replied text", replyTo: "wamid.xyzxyz=="},
		"forwarded_many_times":         {kind: said, text: "text forwarded many times", forwarded: true},
		"interactive_message_with_err": {kind: said, parked: "unsupported", replyTo: "wamid.gvwegfretge=="},
		"referral":                     {kind: said, text: "BODY"},
		"edit_text":                    {kind: message.Edit, target: "wamid.zzzzzz", text: "Text was edited"},
		"edit_caption":                 {kind: message.Edit, target: "wamid.zzzzzz", text: "caption", ref: "65463453"},
		"revoke":                       {kind: message.Deletion, target: "wamid.zzzzzz"},
		"phone_number_change":          {kind: message.Control, control: "user_changed_number", text: "User A changed from 972987654321 to 972912345678"},
		"user_id_change":               {kind: message.Control, control: "user_changed_user_id", text: "User changed from CO.1234567890 to MX.0987654321"},
		"button":                       {kind: said, text: "title", replyTo: "wamid.xyzxyz"},
		"quick_reply":                  {kind: said, text: "title", replyTo: "wamid.xyzxyz=="},
		"selection":                    {kind: said, text: "title\ndescription", replyTo: "wamid.xyzxyz"},
		"flow":                         {kind: said, text: "Sent\n" + `{"comment_text":"Comment Text","delivery_rating":"4"}`, replyTo: "wamid.gvwegfretge=="},
		"bsuid_only":                   {kind: said, text: "Does it come in another color?"},
	}
	all := samples(t, "messages.json")
	if len(all) != len(cases) {
		t.Errorf("%d samples, %d cases", len(all), len(cases))
	}
	for name, w := range cases {
		t.Run(name, func(t *testing.T) {
			it := one(t, "messages", string(all[name]))
			m := it.Message
			got := want{kind: m.Kind, parked: it.Parked, text: m.Text, target: m.Target, reaction: m.Reaction,
				replyTo: m.ReplyTo, control: m.Control, forwarded: m.Forwarded}
			if len(m.Media) == 1 {
				got.ref = m.Media[0].Ref
			}
			if got != w {
				t.Errorf("got  %+v\nwant %+v", got, w)
			}
			if m.Line != "1122334455667" || m.SentAt.IsZero() || m.SentAt.Location() != time.UTC || m.Direction != message.In {
				t.Errorf("frame: %+v", m)
			}
		})
	}
}

func TestFilesAndPlaces(t *testing.T) {
	all := samples(t, "messages.json")
	const voiceSum = "9b4e2915fd8445d6a8a53c859063c0d3e6d7de2f986367588151703a00cb4832" // base64 at Meta
	voice := one(t, "messages", string(all["voice"])).Message.Media[0]
	if voice.Mime != "audio/ogg; codecs=opus" || voice.SHA256 != voiceSum {
		t.Errorf("voice: %+v", voice)
	}
	if doc := one(t, "messages", string(all["document"])).Message.Media[0]; doc.Name != "filename.pdf" || doc.SHA256 != "" {
		t.Errorf("a sum that isn't 32 bytes is no claim: %+v", doc)
	}
	place := one(t, "messages", string(all["chosen_location"])).Message.Location
	want := message.Location{Latitude: 37.4611978, Longitude: -122.2164385, Name: "Facebook HQ", Address: "1 Hacker Way, Menlo Park, CA 94025"}
	if place == nil || *place != want {
		t.Errorf("place: %+v", place)
	}
}

func TestEveryStatus(t *testing.T) {
	who := message.Party{Scheme: message.Tel, Address: "+972987654321", Raw: "972987654321", Name: "Test Name"}
	cases := map[string]message.Status{
		"sent":      {State: message.Sent, Recipient: who, Ours: "some data"},
		"delivered": {State: message.Delivered, Recipient: who},
		"read":      {State: message.Read, Recipient: who},
		"failed":    {State: message.Failed, Recipient: who, Code: "130472", Permanent: true},
	}
	seen := map[string]bool{}
	for name, raw := range samples(t, "statuses.json") {
		it := one(t, "statuses", string(raw))
		m := it.Message
		if it.Parked != "" || m.Kind != message.Report || m.Target != "wamid.xyzxyz" || *m.Status != cases[name] {
			t.Errorf("%s: %q %+v %+v", name, it.Parked, m, m.Status)
		}
		if seen[it.Dedupe] {
			t.Errorf("%s has the dedupe key of another status", name)
		}
		seen[it.Dedupe] = true
	}
	if len(seen) != len(cases) {
		t.Errorf("%d seen", len(seen))
	}
}

func echo(t testing.TB) string {
	t.Helper()
	body, err := os.ReadFile("testdata/echo.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestAnEchoIsOurs(t *testing.T) {
	it := parse(echo(t))[0]
	m := it.Message
	if it.Parked != "" || m.Direction != message.Out || m.Sender.Address != "+972123456789" || m.Text != "Test message" ||
		m.Recipients[0].Address != "+972987654321" || m.Recipients[0].Name != "Test Name" || m.Recipients[0].UserID != "US.13491208655302741918" {
		t.Fatalf("got %q %+v", it.Parked, m)
	}
}

func TestABatchIsReadWhole(t *testing.T) {
	msg := func(from, id, text string) string {
		quoted, _ := json.Marshal(text)
		return fmt.Sprintf(`{"from":%q,"id":%q,"timestamp":"1700000000","type":"text","text":{"body":%s}}`, from, id, quoted)
	}
	change := func(phone, contacts, lists string) string {
		return fmt.Sprintf(`{"field":"messages","value":{"metadata":{"display_phone_number":"38612345678","phone_number_id":%q},"contacts":[%s],%s}}`, phone, contacts, lists)
	}
	ana := `{"profile":{"name":"Ana"},"wa_id":"38641123456"}`
	bor := `{"profile":{"name":"Bor"},"wa_id":"38640654321"}`
	body := `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[` +
		change("11", bor+","+ana, `"messages":[`+msg("38641123456", "w1", "Dober dan, kje je račun za čiščenje?")+`,`+msg("38640654321", "w2", "Привет 👩‍👩‍👧")+`],"statuses":[{"id":"w9","status":"read","timestamp":"1700000001","recipient_id":"38641123456"}]`) + `,` +
		change("12", ana, `"messages":[`+msg("38641123456", "w3", "tri")+`]`) +
		`]},{"id":"2","changes":[` + change("13", "", `"messages":[`+msg("38641123456", "w4", "c\u030c\u0000x")+`]`) + `]}]}`
	var got []string
	for _, it := range parse(body) {
		m := it.Message
		got = append(got, strings.Join([]string{m.Line, m.ProviderID, m.Sender.Name, m.Text, it.Parked}, "|"))
	}
	want := []string{
		"11|w1|Ana|Dober dan, kje je račun za čiščenje?|",
		"11|w2|Bor|Привет 👩‍👩‍👧|",
		"11|w9|||",
		"12|w3|Ana|tri|",
		"13|w4||čx|",
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestWhatCannotBeMappedIsParked(t *testing.T) {
	in := func(list string) string { return fmt.Sprintf(frame, list) }
	msg := func(rest string) string {
		return in(`"messages":[{"from":"38641123456","id":"w","timestamp":"1"` + rest + `}]`)
	}
	cases := map[string]struct{ body, code string }{
		"no JSON":                              {`{"object":`, "json"},
		"nothing":                              {``, "json"},
		"a list":                               {`[]`, "shape"},
		"another product":                      {`{"object":"page","entry":[{}]}`, "shape"},
		"no entry":                             {`{"object":"whatsapp_business_account","entry":[]}`, "shape"},
		"an entry without changes":             {`{"object":"whatsapp_business_account","entry":[{"id":"1"}]}`, "empty"},
		"a change that is a number":            {`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[7]}]}`, "shape"},
		"an account's review":                  {`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"account_update","value":{"event":"VERIFIED_ACCOUNT"}}]}]}`, "field"},
		"an error without a message":           {in(`"errors":[{"code":131000}]`), "errors"},
		"messages that are an object":          {in(`"messages":{}`), "shape"},
		"no messages":                          {in(`"messages":[]`), "empty"},
		"a message that is null":               {in(`"messages":[null]`), "shape"},
		"a message without an id":              {in(`"messages":[{"from":"38641123456","type":"text","text":{"body":"x"}}]`), "shape"},
		"a message of nobody":                  {in(`"messages":[{"id":"w","type":"text","text":{"body":"x"}}]`), "address"},
		"a type that we don't know":            {msg(`,"type":"hologram","hologram":{}`), "type"},
		"no type":                              {msg(``), "type"},
		"a text that is a list":                {msg(`,"type":"text","text":[]`), "shape"},
		"a text whose body is a number":        {msg(`,"type":"text","text":{"body":1}`), "shape"},
		"a text without its object":            {msg(`,"type":"text"`), "shape"},
		"a text that is null":                  {msg(`,"type":"text","text":null`), "shape"},
		"a file without an id":                 {msg(`,"type":"image","image":{}`), "shape"},
		"a reaction to nothing":                {msg(`,"type":"reaction","reaction":{"emoji":"x"}`), "shape"},
		"an edit of an edit":                   {msg(`,"type":"edit","edit":{"original_message_id":"v","message":{"type":"edit","edit":{"original_message_id":"v"}}}`), "type"},
		"an edit without the message":          {msg(`,"type":"edit","edit":{"original_message_id":"v"}`), "shape"},
		"a place north of the pole":            {msg(`,"type":"location","location":{"latitude":90.1,"longitude":0}`), "shape"},
		"a place without a longitude":          {msg(`,"type":"location","location":{"latitude":9}`), "shape"},
		"an interactive of another sort":       {msg(`,"type":"interactive","interactive":{"type":"x"}`), "type"},
		"a status that we don't know":          {in(`"statuses":[{"id":"w","status":"teleported"}]`), "status"},
		"a status of nothing":                  {in(`"statuses":[{"status":"read"}]`), "shape"},
		"an echo to nobody":                    {in(`"message_echoes":[{"id":"w","type":"text","text":{"body":"x"}}]`), "address"},
		"an echo from nobody to nobody either": {in(`"message_echoes":[{}]`), "shape"},
		"more elements than any batch":         {in(`"messages":[` + strings.Repeat("{},", maxItems) + `{}]`), "batch"},
		"more changes than any batch":          {`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[` + strings.Repeat("{},", maxItems) + `{}]}]}`, "batch"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			items := parse(c.body)
			if len(items) != 1 || items[0].Parked != c.code || items[0].Dedupe == "" {
				t.Fatalf("got %d items, %q, want %q", len(items), items[0].Parked, c.code)
			}
			again(t, items[0])
		})
	}
}

func TestOneBadMessageDoesNotHideTheGoodOne(t *testing.T) {
	items := parse(fmt.Sprintf(frame, `"messages":[{"id":7,"from":[]},{"from":"38641123456","id":"w","type":"text","text":{"body":"x"}}]`))
	if len(items) != 2 || items[0].Parked != "shape" || items[1].Parked != "" || items[1].Message.Text != "x" {
		t.Fatalf("got %+v", items)
	}
}

func TestADeliveryTwiceIsTheSame(t *testing.T) {
	for name, raw := range samples(t, "messages.json") {
		a, b := one(t, "messages", string(raw)), one(t, "messages", string(raw))
		if !reflect.DeepEqual(a, b) {
			t.Errorf("%s differs", name)
		}
		again(t, a)
	}
}

// again: a parked or sealed Raw is a whole body that means the same by itself.
func again(t testing.TB, it channel.Item) {
	t.Helper()
	items := New().Parse(channel.Request{Body: it.Raw}).Items
	if len(items) != 1 || !reflect.DeepEqual(items[0].Message, it.Message) || items[0].Dedupe != it.Dedupe || items[0].Parked != it.Parked {
		t.Fatalf("Raw parsed again is another item:\n%+v\n%+v", it, items)
	}
}

func TestParseIsLinear(t *testing.T) {
	for name, body := range map[string]string{
		"deep lists":      strings.Repeat("[", 3<<20),
		"one long string": fmt.Sprintf(frame, `"messages":[{"id":"w","from":"1","type":"text","text":{"body":"`+strings.Repeat("č", 1<<20)+`"}}]`),
		"one long number": fmt.Sprintf(frame, `"messages":[{"id":"w","from":"`+strings.Repeat("1", 2<<20)+`","type":"text"}]`),
		"long metadata":   `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"value":{"metadata":{"phone_number_id":"` + strings.Repeat("1", 1<<20) + `"},"messages":[` + strings.Repeat("{},", 1900) + `{}]}}]}]}`,
		"a full batch":    fmt.Sprintf(frame, `"messages":[`+strings.Repeat("{},", maxItems-1)+`{}]`),
	} {
		start := time.Now()
		items := parse(body)
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%s took %s", name, took)
		}
		held := 0
		for _, it := range items {
			held += len(it.Raw)
		}
		if held > len(body)+maxItems*4*channel.MaxLine {
			t.Errorf("%s: %d bytes of raw from %d", name, held, len(body))
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, raw := range samples(f, "messages.json") {
		f.Add([]byte(fmt.Sprintf(frame, `"messages":[`+string(raw)+`]`)))
	}
	for _, raw := range samples(f, "statuses.json") {
		f.Add([]byte(fmt.Sprintf(frame, `"statuses":[`+string(raw)+`]`)))
	}
	f.Add(vector(f).Body)
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		got := New().Parse(channel.Request{Body: body})
		items := got.Items
		channeltest.Items(t, New(), got)
		if len(items) == 0 || !bytes.Equal(before, body) {
			t.Fatal("nothing came of it, or the body was changed")
		}
		for _, it := range items {
			again(t, it)
		}
	})
}
