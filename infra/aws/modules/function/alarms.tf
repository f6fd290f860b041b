# An alarm for failing and one for missing, each with its runbook.
locals {
  periods = [for s in var.manifest.schedules : s.seconds]
  # A scheduled function is missing when it was not called for three periods; one
  # that faces the public, when nobody called it for a day.
  silence = length(local.periods) > 0 ? max(300, min(min(local.periods...), 86400)) : 86400
  quiet   = length(local.periods) > 0 || var.manifest.public
}

resource "aws_cloudwatch_log_metric_filter" "errors" {
  name           = "${var.name}-errors"
  log_group_name = aws_cloudwatch_log_group.this.name
  pattern        = "{ $.level = \"ERROR\" }"
  metric_transformation {
    namespace     = "Okence"
    name          = "${var.name}-errors"
    value         = "1"
    default_value = "0"
  }
}

# Calls to AWS that fail are warnings: the event comes again. Their error begins
# with "aws:"; the words after the service name the runbook.
resource "aws_cloudwatch_log_metric_filter" "aws" {
  name           = "${var.name}-aws"
  log_group_name = aws_cloudwatch_log_group.this.name
  pattern        = "{ $.error = \"*aws:*\" }"
  metric_transformation {
    namespace     = "Okence"
    name          = "${var.name}-aws"
    value         = "1"
    default_value = "0"
  }
}

resource "aws_cloudwatch_metric_alarm" "aws" {
  alarm_name          = "${var.name}-aws"
  alarm_description   = "Calls to AWS fail; the log's error names why: a throttle, credentials, a right, a place, a key. Runbooks: infra/aws/runbooks/throttle.md credentials.md right.md place.md key.md size.md network.md service.md call.md"
  namespace           = "Okence"
  metric_name         = aws_cloudwatch_log_metric_filter.aws.metric_transformation[0].name
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic]
}

resource "aws_cloudwatch_metric_alarm" "failing" {
  alarm_name          = "${var.name}-failing"
  alarm_description   = "It reports errors. Runbook: infra/aws/runbooks/function-failing.md"
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = aws_lambda_function.this.function_name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic]
}

resource "aws_cloudwatch_metric_alarm" "complaining" {
  alarm_name          = "${var.name}-complaining"
  alarm_description   = "It logs errors: dead letters, panics, secrets that are missing. Runbook: infra/aws/runbooks/function-failing.md"
  namespace           = "Okence"
  metric_name         = aws_cloudwatch_log_metric_filter.errors.metric_transformation[0].name
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic]
}

resource "aws_cloudwatch_metric_alarm" "missing" {
  count               = local.quiet ? 1 : 0
  alarm_name          = "${var.name}-missing"
  alarm_description   = "It is not called. Runbook: infra/aws/runbooks/function-missing.md"
  namespace           = "AWS/Lambda"
  metric_name         = "Invocations"
  dimensions          = { FunctionName = aws_lambda_function.this.function_name }
  statistic           = "Sum"
  period              = local.silence
  evaluation_periods  = length(local.periods) > 0 ? 3 : 1
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = [var.alarm_topic]
}

resource "aws_cloudwatch_metric_alarm" "waiting" {
  count               = local.fed ? 1 : 0
  alarm_name          = "${var.name}-waiting"
  alarm_description   = "Events wait for it, a quarter of an hour and more. Runbook: infra/aws/runbooks/function-missing.md"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = aws_sqs_queue.this[0].name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 900
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic]
}

resource "aws_cloudwatch_metric_alarm" "dead" {
  count               = local.fed ? 1 : 0
  alarm_name          = "${var.name}-dead"
  alarm_description   = "Events that it could not take wait in its dead-letter queue. Runbook: infra/aws/runbooks/dead-letter-queue.md"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead[0].name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic]
}

resource "aws_cloudwatch_metric_alarm" "throttled" {
  alarm_name          = "${var.name}-throttled"
  alarm_description   = "More invocations are asked for than it may have at once. Runbook: infra/aws/runbooks/throttle.md"
  namespace           = "AWS/Lambda"
  metric_name         = "Throttles"
  dimensions          = { FunctionName = aws_lambda_function.this.function_name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic]
}
