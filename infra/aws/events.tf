# Events go over a bus of their own. A rule a function puts those that it
# consumes into its queue; what the bus can't put there waits in dead_rules.
resource "aws_cloudwatch_event_bus" "this" {
  name = var.name
}

resource "aws_sqs_queue" "dead_rules" {
  name                      = "${var.name}-undelivered"
  message_retention_seconds = 14 * 24 * 3600
  sqs_managed_sse_enabled   = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = ["events.amazonaws.com", "scheduler.amazonaws.com"] }
      Action    = "sqs:SendMessage"
      Resource  = "${local.queues}:${var.name}-undelivered"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

# Schedules call their functions with the instant at which they were due; nobody
# else may call one so.
resource "aws_scheduler_schedule_group" "this" {
  name = var.name
}

resource "aws_iam_role" "scheduler" {
  name = "${var.name}-scheduler"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "scheduler.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "scheduler" {
  role = aws_iam_role.scheduler.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "lambda:InvokeFunction"
        Resource = [for name, f in local.functions : module.function[name].arn if length(f.schedules) > 0]
      },
      { Effect = "Allow", Action = "sqs:SendMessage", Resource = aws_sqs_queue.dead_rules.arn },
    ]
  })
}

locals {
  schedules = merge([for name, f in local.functions : {
    for word, s in f.schedules : "${name}-${word}" => merge(s, { function = name })
  }]...)
}

resource "aws_scheduler_schedule" "this" {
  for_each            = local.schedules
  name                = each.key
  group_name          = aws_scheduler_schedule_group.this.name
  schedule_expression = each.value.rate
  flexible_time_window {
    mode = "OFF"
  }
  target {
    arn      = module.function[each.value.function].arn
    role_arn = aws_iam_role.scheduler.arn
    input    = "{\"schedule\":\"${each.value.type}\",\"time\":\"<aws.scheduler.scheduled-time>\"}"
    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 5
    }
    dead_letter_config {
      arn = aws_sqs_queue.dead_rules.arn
    }
  }
}
