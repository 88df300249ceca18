using System.Text.Json.Nodes;

namespace Portkey.Portal.Sandbox.Tests.Node;

/// <summary>The objects that the tests deploy.</summary>
internal static class Manifests
{
    public static JsonObject Deployment(string ns, string name, string image, int replicas = 1, string? env = null, string path = "/") =>
        (JsonObject)
            JsonNode.Parse(
                $$"""
                {
                  "apiVersion": "apps/v1", "kind": "Deployment",
                  "metadata": { "name": "{{name}}", "namespace": "{{ns}}" },
                  "spec": {
                    "replicas": {{replicas}},
                    "selector": { "matchLabels": { "app": "{{name}}" } },
                    "template": {
                      "metadata": { "labels": { "app": "{{name}}" } },
                      "spec": {
                        "terminationGracePeriodSeconds": 2,
                        "containers": [{
                          "name": "gateway", "image": "{{image}}",
                          "env": {{env ?? "[]"}},
                          "ports": [{ "name": "http", "containerPort": 8787 }],
                          "readinessProbe": { "httpGet": { "path": "{{path}}", "port": "http" }, "initialDelaySeconds": 5, "periodSeconds": 10 }
                        }]
                      }
                    }
                  }
                }
                """
            )!;

    public static JsonObject Service(string ns, string name, string type = "ClusterIP") =>
        (JsonObject)
            JsonNode.Parse(
                $$"""
                {
                  "apiVersion": "v1", "kind": "Service",
                  "metadata": { "name": "{{name}}", "namespace": "{{ns}}" },
                  "spec": { "type": "{{type}}", "selector": { "app": "{{name}}" }, "ports": [{ "name": "http", "port": 8787, "targetPort": "http" }] }
                }
                """
            )!;
}
