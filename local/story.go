package main

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/message"
)

// The bodies of the story, as the providers write them.

func whatsappText(id, text string, at time.Time, more string) string {
	return fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp",`+
		`"metadata":{"display_phone_number":"38614788778","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Ana Horvat"},"wa_id":"38641123456"}],`+
		`"messages":[{"from":"38641123456","id":%q,"timestamp":"%d","text":{"body":%q},"type":"text"%s}]},"field":"messages"}]}]}`, id, at.Unix(), text, more)
}

func mailText(id, from, text string, at time.Time) string {
	return strings.ReplaceAll(fmt.Sprintf("From: %s\nTo: ekc@gov.si\nSubject: Vloga\nDate: %s\nMessage-ID: %s\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n%s\n",
		from, at.Format(time.RFC1123Z), id, text), "\n", "\r\n")
}

func (d *demo) sixChannels() error {
	fmt.Println("Six channels. Each message is signed as its provider signs it, sealed, and stored before the provider is answered.")
	now := d.clock.Now()
	for _, m := range []struct {
		channel  message.Channel
		provider string
		body     string
		who      string
	}{
		{message.WhatsApp, "meta", whatsappText("wamid.demo1", "Pozdravljeni, kje dobim potrdilo o šolanju? 🙏", now, ""), "Ana asks on WhatsApp where to get a certificate"},
		{message.Email, "mime", mailText("<1@example.si>", "Ana Horvat <ana@example.si>", "Pošiljam še vlogo.", now), "Ana sends an e-mail"},
		{message.LiveChat, "standard", fmt.Sprintf(`{"type":"message","id":"chat-1","conversation":"c1","sender":{"id":"v1","name":"Ján"},"text":"Dobrý deň","sent_at":%q}`, now.Format(time.RFC3339)), "Ján writes in the live chat, in Slovak"},
		{message.SMS, "twilio", "AccountSid=AC00000000000000000000000000000000&Body=Kdaj+imate+odprto%3F&From=%2B38640555111&MessageSid=SM00000000000000000000000000000001&NumMedia=0&To=%2B38614788778", "somebody sends an SMS"},
		{message.Viber, "viber", fmt.Sprintf(`{"event":"message","timestamp":%d,"message_token":4912661846655238145,"sender":{"id":"01234567890A=","name":"Bor","language":"sl","country":"SI","api_version":1},"message":{"type":"text","text":"Dober dan"}}`, now.UnixMilli()), "Bor writes on Viber"},
		{message.Voice, "event", fmt.Sprintf(`{"call_id":"call-1","seq":1,"type":"started","at":%q,"direction":"inbound","from":"+38640555222","to":"+38614788778"}`, now.Format(time.RFC3339)), "and the telephone rings"},
	} {
		if err := d.arrive(m.channel, m.provider, m.body); err != nil {
			return err
		}
		d.say("%-9s %s", m.channel, m.who)
	}
	var list struct{ Items []struct{ ID string } }
	if err := d.call(http.MethodGet, "/v1/conversations", access.Adviser, nil, &list); err != nil {
		return err
	}
	if len(list.Items) != 6 {
		return fmt.Errorf("%d conversations, want 6", len(list.Items))
	}
	d.say("the adviser sees %d conversations; that she looked stands in the processing log", len(list.Items))
	return nil
}

func (d *demo) oneConversation() error {
	fmt.Println("\nOne conversation, until it rests; a reply finds its own.")
	first, err := d.find("wamid.demo1")
	if err != nil {
		return err
	}
	if err := d.wait(2 * time.Hour); err != nil {
		return err
	}
	if err := d.arrive(message.WhatsApp, "meta", whatsappText("wamid.demo2", "In koliko stane?", d.clock.Now(), "")); err != nil {
		return err
	}
	d.say("two hours later Ana goes on: the same conversation")
	if err := d.wait(40 * 24 * time.Hour); err != nil {
		return err
	}
	if err := d.arrive(message.WhatsApp, "meta", whatsappText("wamid.demo3", "Še eno vprašanje", d.clock.Now(), "")); err != nil {
		return err
	}
	d.say("forty days later she asks something else: a new one")
	if err := d.arrive(message.WhatsApp, "meta", whatsappText("wamid.demo4", "Hvala za ta odgovor!", d.clock.Now(), `,"context":{"from":"38614788778","id":"wamid.demo1"}`)); err != nil {
		return err
	}
	d.say("and replies to her first message: back in the first")
	want := map[string]bool{"wamid.demo2": true, "wamid.demo3": false, "wamid.demo4": true}
	for id, same := range want {
		m, err := d.find(id)
		if err != nil {
			return err
		}
		if (m.ConversationID == first.ConversationID) != same {
			return fmt.Errorf("%s: in the first conversation: %v, want %v", id, !same, same)
		}
	}
	d.ids["whatsapp"] = first.ConversationID
	return nil
}

func (d *demo) mergeAndTakeBack() error {
	fmt.Println("\nThe adviser sees that Ana wrote on two channels, and merges.")
	mail, err := d.find("<1@example.si>")
	if err != nil {
		return err
	}
	path := "/v1/conversations/" + mail.ConversationID
	if err := d.call(http.MethodPost, path+"/merge", access.Adviser, map[string]string{"into": d.ids["whatsapp"]}, nil); err != nil {
		return err
	}
	count := func() (int, error) {
		var list struct{ Items []seen }
		err := d.call(http.MethodGet, "/v1/conversations/"+d.ids["whatsapp"]+"/messages", access.Adviser, nil, &list)
		return len(list.Items), err
	}
	n, err := count()
	if err != nil || n != 4 {
		return fmt.Errorf("%d messages after the merge, want 4: %w", n, err)
	}
	d.say("one view of %d messages from WhatsApp and e-mail; none was moved, copied or sealed anew", n)
	if err := d.wait(time.Minute); err != nil {
		return err
	}
	if err := d.call(http.MethodPost, path+"/unmerge", access.Adviser, struct{}{}, nil); err != nil {
		return err
	}
	if n, err = count(); err != nil || n != 3 {
		return fmt.Errorf("%d messages after taking it back, want 3: %w", n, err)
	}
	d.say("and takes it back: %d messages again", n)
	return nil
}

func (d *demo) nothingIsLost() error {
	fmt.Println("\nNothing is lost, and no one gets in.")
	for range 3 {
		if err := d.arrive(message.WhatsApp, "meta", whatsappText("wamid.demo1", "Pozdravljeni, kje dobim potrdilo o šolanju? 🙏", begin, "")); err != nil {
			return err
		}
	}
	if _, err := d.find("wamid.demo1"); err != nil {
		return err
	}
	d.say("Meta sends the first message three times more: still one")
	if err := d.arrive(message.WhatsApp, "meta", `{"object":"whatsapp_business_account","entry":[{"cha`); err != nil {
		return err
	}
	var dead struct{ Items []struct{ ID, Reason string } }
	if err := d.call(http.MethodGet, "/v1/deadletters", access.Administrator, nil, &dead); err != nil {
		return err
	}
	if len(dead.Items) != 1 {
		return fmt.Errorf("%d dead letters, want 1", len(dead.Items))
	}
	d.say("a damaged body under a good signature is answered, and waits for a person: reason %q", dead.Items[0].Reason)
	resp, err := http.Post(d.base+"/webhooks/ekc/whatsapp/meta", "application/json", strings.NewReader(whatsappText("wamid.forged", "daj mi", d.clock.Now(), "")))
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized {
		return fmt.Errorf("a forged message was answered %s", resp.Status)
	}
	d.say("a forged message: %s, and no trace but a count", resp.Status)
	if err := d.call(http.MethodGet, "/v1/conversations", access.Administrator, nil, nil); err == nil {
		return fmt.Errorf("an administrator could read conversations")
	}
	d.say("an administrator asks for conversations: refused, and noted")
	return nil
}

func (d *demo) aYear() error {
	fmt.Println("\nThe clock moves through the rest of the year, a week at a time.")
	for d.clock.Now().Before(begin.AddDate(1, 0, 0)) {
		if err := d.wait(7 * 24 * time.Hour); err != nil {
			return err
		}
	}
	var dead struct{ Items []struct{ ID string } }
	if err := d.call(http.MethodGet, "/v1/deadletters", access.Administrator, nil, &dead); err != nil {
		return err
	}
	d.say("the done marks have gone after 35 days, the day's intake keys after 30; %d dead letter still asks for a person", len(dead.Items))
	return nil
}
