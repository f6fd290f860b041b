package smtp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/okence/okence/shared/channel"
)

// Timeout bounds a whole exchange; a caller's context may end it earlier.
const Timeout = 30 * time.Second

// Needs are the keys without which nothing can be sent.
var Needs = []string{"smtp_host", "from"}

// Send sends one mail, once. Also has the id that the server gave it where that
// replaces ours (SES).
func Send(ctx context.Context, s channel.Secret, out channel.Outgoing) (channel.Sent, error) {
	m, bad := letter(s, out)
	if bad != nil {
		return channel.Sent{}, bad
	}
	c, bad := client(ctx, s)
	if bad != nil {
		return channel.Sent{}, bad
	}
	conn, err := c.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return channel.Sent{}, greeted(err)
	}
	err = c.SendWithSMTPClient(conn, m)
	_ = conn.Close() // the server has answered, or never will
	if err != nil && !m.IsDelivered() {
		return channel.Sent{}, refused(err)
	}
	sent := channel.Sent{ProviderID: out.MessageID}
	if id := assigned(s.Text("smtp_host"), m.ServerResponse()); id != "" {
		sent.ProviderID, sent.Also = id, []string{out.MessageID}
	}
	return sent, nil
}

// client is set up for one exchange. When ctx ends, so does the connection.
func client(ctx context.Context, s channel.Secret) (*mail.Client, *channel.SendError) {
	host, port := s.Text("smtp_host"), 587
	policy := mail.TLSMandatory
	options := []mail.Option{mail.WithTimeout(Timeout), mail.WithoutNoop()}
	switch s.Text("smtp_tls") {
	case "", "starttls":
	case "tls":
		port = 465
		options = append(options, mail.WithSSL())
	case "none":
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return nil, channel.Failed(channel.Blocked, "smtp_tls")
		}
		policy = mail.NoTLS
	default:
		return nil, channel.Failed(channel.Blocked, "smtp_tls")
	}
	if p := s.Text("smtp_port"); p != "" {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil || n == 0 {
			return nil, channel.Failed(channel.Blocked, "smtp_port")
		}
		port = int(n)
	}
	if s.Text("smtp_tls") != "tls" {
		options = append(options, mail.WithTLSPolicy(policy), mail.WithDialContextFunc(func(dial context.Context, network, address string) (net.Conn, error) {
			var d net.Dialer
			conn, err := d.DialContext(dial, network, address)
			if err == nil {
				context.AfterFunc(ctx, func() { conn.Close() })
			}
			return conn, err
		}))
	}
	if u := s.Text("smtp_username"); u != "" {
		kind := mail.SMTPAuthAutoDiscover
		if policy == mail.NoTLS {
			kind = mail.SMTPAuthPlainNoEnc // within this machine
		}
		options = append(options, mail.WithSMTPAuth(kind), mail.WithUsername(u), mail.WithPassword(s.Text("smtp_password")))
	}
	if _, domain, ok := strings.Cut(address(s.Text("from")), "@"); ok {
		options = append(options, mail.WithHELO(domain))
	}
	c, err := mail.NewClient(host, append(options, mail.WithPort(port))...)
	if err != nil {
		return nil, channel.Failed(channel.Blocked, "smtp_host")
	}
	return c, nil
}

// Letter is the mail as it goes out, in bytes, for those that carry it another
// way. Of the secret it uses from.
func Letter(s channel.Secret, out channel.Outgoing) ([]byte, *channel.SendError) {
	m, bad := letter(s, out)
	if bad != nil {
		return nil, bad
	}
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return nil, channel.Failed(channel.Final, "letter")
	}
	return b.Bytes(), nil
}

// letter is the mail as it goes out.
func letter(s channel.Secret, out channel.Outgoing) (*mail.Msg, *channel.SendError) {
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	from := s.Text("from")
	if m.From(from) != nil {
		return nil, channel.Failed(channel.Blocked, "from")
	}
	if list := m.GetFrom(); len(list) == 1 && list[0].Name == "" && out.From != "" {
		if m.FromFormat(channel.Line(out.From), list[0].Address) != nil {
			return nil, channel.Failed(channel.Blocked, "from")
		}
	}
	if m.AddToFormat(channel.Line(out.To.Name), out.To.Address) != nil {
		return nil, channel.Failed(channel.Final, "address")
	}
	if out.ReplyTo != "" && m.ReplyTo(out.ReplyTo) != nil {
		return nil, channel.Failed(channel.Blocked, "reply_to")
	}
	m.Subject(channel.Line(out.Subject))
	m.SetDateWithValue(out.At)
	m.SetMessageIDWithValue(strings.Trim(out.MessageID, "<>"))
	if n := len(out.Thread); n > 0 {
		m.SetGenHeaderPreformatted(mail.HeaderInReplyTo, out.Thread[n-1])
		m.SetGenHeaderPreformatted(mail.HeaderReferences, strings.Join(out.Thread, "\r\n "))
	}
	if out.Automatic {
		m.SetGenHeader("Auto-Submitted", out.AutoSubmitted())
		m.SetGenHeader("X-Auto-Response-Suppress", "All")
	}
	m.SetBodyString(mail.TypeTextPlain, out.Text)
	for _, f := range out.Files {
		if m.AttachReader(channel.Line(f.Name), bytes.NewReader(f.Bytes), mail.WithFileContentType(mail.ContentType(f.Mime))) != nil {
			return nil, channel.Failed(channel.Final, "files")
		}
	}
	return m, nil
}

// address is the bare address of "Name <address>".
func address(s string) string {
	if _, after, ok := strings.Cut(s, "<"); ok {
		s = strings.TrimSuffix(strings.TrimSpace(after), ">")
	}
	return strings.TrimSpace(s)
}

// greeted is what a failure before the mail itself means: nothing was taken. A
// line that breaks and a 4xx pass. Anything else is between the account and the
// server: no encryption where it is asked for, a wrong name or password.
func greeted(err error) *channel.SendError {
	var reply *textproto.Error
	var network net.Error
	switch {
	case errors.As(err, &reply) && reply.Code < 500:
		return channel.Failed(channel.Retry, strconv.Itoa(reply.Code))
	case reply != nil:
		return channel.Failed(channel.Blocked, strconv.Itoa(reply.Code))
	case errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return channel.Failed(channel.Retry, "not_reached")
	}
	return channel.Failed(channel.Blocked, "smtp")
}

// refused is what a failure of the mail itself means.
func refused(err error) *channel.SendError {
	var e *mail.SendError
	if !errors.As(err, &e) {
		return channel.Failed(channel.Lost, "no_answer")
	}
	code := e.EnhancedStatusCode()
	if code == "" && e.ErrorCode() > 0 {
		code = strconv.Itoa(e.ErrorCode())
	}
	if code == "" {
		code = "no_answer"
	}
	switch {
	case e.ErrorCode() >= 500 && e.Reason == mail.ErrSMTPMailFrom:
		return channel.Failed(channel.Blocked, code)
	case e.ErrorCode() >= 500:
		return channel.Failed(channel.Final, code)
	case e.ErrorCode() >= 400, e.Reason != mail.ErrSMTPDataClose:
		return channel.Failed(channel.Retry, code)
	}
	return channel.Failed(channel.Lost, code)
}

// sesID is what the endpoint of SES answers: its own id, under which all events
// come and which replaces our Message-ID (SES, "Using the SMTP interface").
var sesID = regexp.MustCompile(`(?i)^(?:250 )?ok ([0-9a-f]{16}-[0-9a-f-]{20,80})$`)

func assigned(host, response string) string {
	if !strings.HasPrefix(host, "email-smtp.") {
		return ""
	}
	if m := sesID.FindStringSubmatch(strings.TrimSpace(response)); m != nil {
		return m[1]
	}
	return ""
}
