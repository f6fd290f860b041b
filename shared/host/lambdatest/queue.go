package lambdatest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// Queue is an SQS queue with an event source mapping to a Runtime: batches of
// ten, ReportBatchItemFailures, a dead-letter queue.
type Queue struct {
	MaxReceives int // after which a message goes to Dead; 0 is 5
	Dead        []string

	waiting []*queued
	sent    int
}

type queued struct {
	id, body string
	receives int
}

// Send puts a message into the queue.
func (q *Queue) Send(bodies ...string) {
	for _, b := range bodies {
		q.sent++
		q.waiting = append(q.waiting, &queued{id: fmt.Sprintf("m-%04d", q.sent), body: b})
	}
}

// Drain hands messages to r until none waits: those that the function reports,
// and the whole batch where it fails, come again.
func (q *Queue) Drain(r *Runtime, limit time.Duration) error {
	most := q.MaxReceives
	if most == 0 {
		most = 5
	}
	for len(q.waiting) > 0 {
		batch := q.waiting[:min(10, len(q.waiting))]
		q.waiting = q.waiting[len(batch):]
		payload, err := records(batch)
		if err != nil {
			return err
		}
		failed, err := failures(r.Invoke(payload, limit))
		if err != nil {
			return err
		}
		for _, m := range batch {
			switch {
			case failed != nil && !failed[m.id]:
			case m.receives >= most:
				q.Dead = append(q.Dead, m.body)
			default:
				q.waiting = append(q.waiting, m)
			}
		}
	}
	return nil
}

// records is the payload of an SQS batch.
func records(batch []*queued) ([]byte, error) {
	type record struct {
		MessageID      string            `json:"messageId"`
		ReceiptHandle  string            `json:"receiptHandle"`
		Body           string            `json:"body"`
		Attributes     map[string]string `json:"attributes"`
		EventSource    string            `json:"eventSource"`
		EventSourceARN string            `json:"eventSourceARN"`
		Region         string            `json:"awsRegion"`
	}
	var in struct {
		Records []record `json:"Records"`
	}
	for _, m := range batch {
		m.receives++
		in.Records = append(in.Records, record{
			MessageID: m.id, ReceiptHandle: m.id, Body: m.body, EventSource: "aws:sqs", Region: "eu-central-1",
			EventSourceARN: "arn:aws:sqs:eu-central-1:000000000000:lambdatest",
			Attributes:     map[string]string{"ApproximateReceiveCount": strconv.Itoa(m.receives)},
		})
	}
	return json.Marshal(in)
}

// failures are the messages of a batch to come again; nil is all of them.
func failures(answer []byte, err error) (map[string]bool, error) {
	if err != nil {
		return nil, nil
	}
	var out struct {
		BatchItemFailures []struct {
			ItemIdentifier string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if err := json.Unmarshal(answer, &out); err != nil {
		return nil, fmt.Errorf("lambdatest: an answer that SQS can't read: %w", err)
	}
	failed := map[string]bool{}
	for _, f := range out.BatchItemFailures {
		failed[f.ItemIdentifier] = true
	}
	return failed, nil
}
