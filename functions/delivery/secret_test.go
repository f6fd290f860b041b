package delivery

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
)

func TestASecretGoesOutAndIsForgotten(t *testing.T) {
	w := newWorld(t, time.Second)
	status := 503
	w.fake.Accept = func(*http.Request, []byte) (int, string) {
		return status, `{"messages":[{"messageId":"m1","status":{"groupId":1,"id":26}}]}`
	}
	w.queue("m1", message.SMS, "infobip", func(m *message.Message, _ *conversation.Conversation) {
		m.Text, m.Secrets = "Koda: "+message.Mask("code"), map[string]string{"code": "48151623"}
	})
	for _, want := range []int{503, 200} {
		status = want
		if err := w.ask("m1"); err != nil {
			t.Fatal(err)
		}
		m := w.message("m1")
		if kept := len(m.Secrets) > 0; kept != (want == 503) || strings.Contains(m.Text, "48151623") {
			t.Errorf("after %d: %s %q %v", want, m.State, m.Text, m.Secrets)
		}
		w.Clock.Add(time.Hour)
	}
	for _, c := range w.fake.Calls() {
		if !strings.Contains(string(c.Body), "48151623") {
			t.Errorf("the person was sent %s", c.Body)
		}
	}
}
