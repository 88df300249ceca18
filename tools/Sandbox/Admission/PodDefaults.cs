using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Admission;

/// <summary>The defaults of pods and pod templates.</summary>
internal static class PodDefaults
{
    public static void Template(JsonObject? owner)
    {
        if (owner?["template"].Child("spec") is JsonObject spec)
        {
            Pod(spec);
        }
    }

    public static void Pod(JsonObject spec)
    {
        spec.Or("restartPolicy", "Always")
            .Or("dnsPolicy", "ClusterFirst")
            .Or("schedulerName", "default-scheduler")
            .Or("terminationGracePeriodSeconds", 30);
        spec.OrObject("securityContext");
        if (spec.Text("serviceAccountName") is { Length: > 0 } account)
        {
            spec.Or("serviceAccount", account);
        }

        foreach (var container in spec["containers"].Objects().Concat(spec["initContainers"].Objects()))
        {
            Container(container);
        }

        foreach (var volume in spec["volumes"].Objects())
        {
            Volume(volume);
        }
    }

    private static void Container(JsonObject container)
    {
        var image = container.Text("image") ?? "";
        var tag = image[(image.LastIndexOf('/') + 1)..];
        var latest =
            !image.Contains('@', StringComparison.Ordinal)
            && (!tag.Contains(':', StringComparison.Ordinal) || tag.EndsWith(":latest", StringComparison.Ordinal));
        container
            .Or("imagePullPolicy", latest ? "Always" : "IfNotPresent")
            .Or("terminationMessagePath", "/dev/termination-log")
            .Or("terminationMessagePolicy", "File");
        container.OrObject("resources");
        foreach (var port in container["ports"].Objects())
        {
            port.Or("protocol", "TCP");
        }

        foreach (var source in container["env"].Objects().Select(e => e["valueFrom"].Child("fieldRef")).OfType<JsonObject>())
        {
            source.Or("apiVersion", "v1");
        }

        foreach (var key in (ReadOnlySpan<string>)["livenessProbe", "readinessProbe", "startupProbe"])
        {
            if (container[key] is JsonObject probe)
            {
                Probe(probe);
            }
        }
    }

    private static void Probe(JsonObject probe)
    {
        probe.Or("timeoutSeconds", 1).Or("periodSeconds", 10).Or("successThreshold", 1).Or("failureThreshold", 3);
        if (probe["httpGet"] is JsonObject get)
        {
            get.Or("scheme", "HTTP").Or("path", "/");
        }
    }

    private static void Volume(JsonObject volume)
    {
        foreach (var key in (ReadOnlySpan<string>)["secret", "configMap", "downwardAPI", "projected"])
        {
            if (volume[key] is JsonObject source)
            {
                source.Or("defaultMode", 420);
            }
        }

        if (volume.All(p => p.Key == "name"))
        {
            volume["emptyDir"] = new JsonObject();
        }
    }
}
