output "url" {
  description = "Where webhooks, portals and the published log are."
  value       = aws_apigatewayv2_api.this.api_endpoint
}

output "functions" {
  description = "By function: its name, its queue and what it is given."
  value = { for name, f in module.function : name => {
    name        = f.name
    queue       = f.queue
    dead        = f.dead
    environment = f.environment
    seconds     = local.functions[name].seconds
  } }
}
