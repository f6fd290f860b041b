terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_days
  kms_key_id        = var.log_key_arn
}

resource "aws_lambda_function" "this" {
  function_name                  = var.name
  description                    = var.manifest.title
  role                           = aws_iam_role.this.arn
  runtime                        = "provided.al2023"
  handler                        = "bootstrap"
  architectures                  = [var.architecture]
  s3_bucket                      = var.artifact.bucket
  s3_key                         = var.artifact.key
  source_code_hash               = var.artifact.hash
  memory_size                    = var.memory
  timeout                        = var.manifest.seconds
  reserved_concurrent_executions = var.concurrency

  environment {
    variables = var.environment
  }
  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.this]
}

# Events reach it through a queue of its own: what it fails comes again, alone,
# and after five times waits in the dead-letter queue for a person.
locals {
  fed = length(var.manifest.consumes) > 0
}

resource "aws_sqs_queue" "dead" {
  count                     = local.fed ? 1 : 0
  name                      = "${var.name}-dead"
  message_retention_seconds = 14 * 24 * 3600
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue" "this" {
  count                      = local.fed ? 1 : 0
  name                       = var.name
  message_retention_seconds  = 14 * 24 * 3600
  visibility_timeout_seconds = min(6 * var.manifest.seconds, 43200) # as Lambda asks for
  sqs_managed_sse_enabled    = true
  redrive_policy             = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead[0].arn, maxReceiveCount = 5 })
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = "${var.queues}:${var.name}"
      Condition = { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.this[0].arn } }
    }]
  })
}

resource "aws_cloudwatch_event_rule" "this" {
  count          = local.fed ? 1 : 0
  name           = var.name
  event_bus_name = var.bus.name
  event_pattern  = jsonencode({ detail-type = var.manifest.consumes })
}

resource "aws_cloudwatch_event_target" "this" {
  count          = local.fed ? 1 : 0
  rule           = aws_cloudwatch_event_rule.this[0].name
  event_bus_name = var.bus.name
  target_id      = "queue"
  arn            = aws_sqs_queue.this[0].arn
  dead_letter_config {
    arn = var.dead_rules
  }
}

resource "aws_lambda_event_source_mapping" "this" {
  count                   = local.fed ? 1 : 0
  event_source_arn        = aws_sqs_queue.this[0].arn
  function_name           = aws_lambda_function.this.arn
  batch_size              = 10
  enabled                 = var.mapped
  function_response_types = ["ReportBatchItemFailures"]
}
