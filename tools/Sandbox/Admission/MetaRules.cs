using System.Text;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Admission;

/// <summary>Rules for the metadata of every kind.</summary>
internal static class MetaRules
{
    private const int AnnotationBytes = 256 * 1024;

    public static void Check(ResourceType type, JsonObject item, FieldErrors errors)
    {
        var metadata = item.Meta();
        CheckName(type, item, errors);
        CheckLabels(metadata["labels"] as JsonObject, "metadata.labels", errors);

        var size = 0;
        foreach (var (key, value) in metadata["annotations"] as JsonObject ?? [])
        {
            size += key.Length + Encoding.UTF8.GetByteCount(value?.ToString() ?? "");
            if (!Names.IsLabelKey(key.ToLowerInvariant()))
            {
                errors.Invalid(
                    "metadata.annotations",
                    key,
                    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
                );
            }
        }

        if (size > AnnotationBytes)
        {
            errors.TooLong("metadata.annotations", AnnotationBytes);
        }

        foreach (var (owner, i) in metadata["ownerReferences"].Objects().Select((o, i) => (o, i)))
        {
            foreach (var key in (ReadOnlySpan<string>)["apiVersion", "kind", "name", "uid"])
            {
                if (string.IsNullOrEmpty(owner.Text(key)))
                {
                    errors.Required($"metadata.ownerReferences[{i}].{key}", $"{key} must not be empty");
                }
            }
        }

        foreach (var finalizer in metadata["finalizers"].Texts())
        {
            if (!Names.IsLabelKey(finalizer) && !finalizer.Contains('/', StringComparison.Ordinal))
            {
                errors.Invalid("metadata.finalizers", finalizer, "name part must consist of alphanumeric characters, '-', '_' or '.'");
            }
        }
    }

    public static void CheckLabels(JsonObject? labels, string field, FieldErrors errors)
    {
        foreach (var (key, value) in labels ?? [])
        {
            if (!Names.IsLabelKey(key))
            {
                errors.Invalid(
                    field,
                    key,
                    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
                );
            }

            var text = value?.ToString() ?? "";
            if (!Names.IsLabelValue(text))
            {
                errors.Invalid(
                    field,
                    text,
                    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (at most 63)"
                );
            }
        }
    }

    private static void CheckName(ResourceType type, JsonObject item, FieldErrors errors)
    {
        var name = item.Name();
        if (name.Length == 0)
        {
            if (item["metadata"].Text("generateName") is not { Length: > 0 } prefix)
            {
                errors.Required("metadata.name", "name or generateName is required");
            }
            else if (!Names.IsSubdomain(prefix + "x"))
            {
                errors.Invalid("metadata.generateName", prefix, Names.SubdomainRule);
            }

            return;
        }

        var (valid, rule) = type switch
        {
            { Kind: "Namespace" } => (Names.IsLabel(name), Names.LabelRule),
            { Kind: "Service" } => (Names.IsLabel1035(name), Names.Label1035Rule),
            { Group: "rbac.authorization.k8s.io" } => (Names.IsPathSegment(name), "may not be '.', '..', or contain '/' or '%'"),
            _ => (Names.IsSubdomain(name), Names.SubdomainRule),
        };
        if (!valid)
        {
            errors.Invalid("metadata.name", name, rule);
        }
    }
}
