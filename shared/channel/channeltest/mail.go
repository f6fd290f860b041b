package channeltest

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
)

// MailServer is a mail server on this machine (RFC 5321, as much of it as a
// client needs). Answers replaces its answer to a command, by the command's verb
// ("RCPT", "AUTH", "." for the end of the data): a line as it is sent; "" says
// nothing any more, and "close" breaks the line. What stands under "." has been
// taken all the same, unless the answer is 4xx or 5xx.
type MailServer struct {
	Host, Port string

	mu      sync.Mutex
	answers map[string]string
	mails   []Mail
}

// Mail is a mail that a MailServer took.
type Mail struct {
	From string
	To   []string
	Data string
}

// NewMailServer starts one that ends with the test.
func NewMailServer(t testing.TB) *MailServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	s := &MailServer{answers: map[string]string{}}
	s.Host, s.Port, _ = net.SplitHostPort(l.Addr().String())
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
			go s.talk(c)
		}
	}()
	return s
}

// Answer replaces the answer to a command.
func (s *MailServer) Answer(verb, line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[verb] = line
}

// Mails are those that it took.
func (s *MailServer) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

func (s *MailServer) talk(c net.Conn) {
	defer c.Close()
	in := bufio.NewReader(c)
	var m Mail
	say := func(verb, usual string) bool {
		s.mu.Lock()
		line, planned := s.answers[verb]
		s.mu.Unlock()
		switch {
		case !planned:
			line = usual
		case line == "":
			return true
		case line == "close":
			return false
		}
		_, err := fmt.Fprintf(c, "%s\r\n", line)
		return err == nil
	}
	if !say("", "220 mail.test ESMTP") {
		return
	}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		verb, rest, _ := strings.Cut(line, " ")
		verb = strings.ToUpper(verb)
		usual := "250 2.0.0 ok"
		switch verb {
		case "EHLO", "HELO":
			usual = "250-mail.test\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 AUTH PLAIN"
		case "AUTH":
			usual = "235 2.7.0 ok"
		case "MAIL":
			m = Mail{From: rest}
		case "RCPT":
			m.To = append(m.To, rest)
		case "DATA":
			if !say("DATA", "354 go on") {
				return
			}
			for {
				l, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if l == ".\r\n" {
					break
				}
				m.Data += strings.TrimPrefix(l, ".")
			}
			s.mu.Lock()
			if a := s.answers["."]; !strings.HasPrefix(a, "4") && !strings.HasPrefix(a, "5") {
				s.mails = append(s.mails, m)
			}
			s.mu.Unlock()
			verb = "."
		case "QUIT":
			usual = "221 bye"
		}
		if !say(verb, usual) {
			return
		}
	}
}
