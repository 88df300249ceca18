using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Schema;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Api.Verbs;

/// <summary>Checks a body against its path: kind, namespace, name, and the fields of its type.</summary>
internal static class Envelope
{
    public static void Check(RequestPath path, JsonObject item, bool nameRequired)
    {
        var type = path.Type;
        var (apiVersion, kind) = (item.Text("apiVersion"), item.Text("kind"));
        if (string.IsNullOrEmpty(kind) || string.IsNullOrEmpty(apiVersion))
        {
            throw KubeStatusException.BadRequest($"Object '{(string.IsNullOrEmpty(kind) ? "Kind" : "apiVersion")}' is missing in the body");
        }

        if (apiVersion != type.ApiVersion)
        {
            throw KubeStatusException.BadRequest(
                $"the API version in the data ({apiVersion}) does not match the expected API version ({type.ApiVersion})"
            );
        }

        if (kind != type.Kind)
        {
            throw KubeStatusException.BadRequest($"the kind in the data ({kind}) does not match the expected kind ({type.Kind})");
        }

        if (item["metadata"] is not (null or JsonObject))
        {
            throw KubeStatusException.BadRequest(
                $"{type.Kind} in version \"{type.Version}\" cannot be handled as a {type.Kind}: metadata is not an object"
            );
        }

        var metadata = item.Meta();
        if (type.Namespaced)
        {
            var ns = item.Namespace();
            if (ns.Length > 0 && ns != path.Namespace)
            {
                throw KubeStatusException.BadRequest(
                    "the namespace of the provided object does not match the namespace sent on the request"
                );
            }

            metadata["namespace"] = path.Namespace;
        }

        if (nameRequired)
        {
            var name = item.Name();
            if (name.Length > 0 && name != path.Name)
            {
                throw KubeStatusException.BadRequest($"the name of the object ({name}) does not match the name on the URL ({path.Name})");
            }

            metadata["name"] = path.Name;
        }
    }

    /// <summary>Drops unknown fields, and refuses or warns of them as the request says.</summary>
    public static void Validate(HttpContext context, RequestPath path, JsonObject item, WriteOptions options)
    {
        var unknown = SchemaCheck.Run(path.Type, item);
        if (unknown.Count == 0 || options.FieldValidation == "Ignore")
        {
            return;
        }

        if (options.FieldValidation == "Strict")
        {
            var list = string.Join(", ", unknown.Take(20).Select(f => $"unknown field \"{f}\""));
            throw KubeStatusException.BadRequest(
                $"{path.Type.Kind} in version \"{path.Type.Version}\" cannot be handled as a {path.Type.Kind}: strict decoding error: {list}"
            );
        }

        foreach (var field in unknown.Take(20))
        {
            var printable = new string([.. field.Where(c => c is >= ' ' and < (char)127 and not '"' and not '\\')]);
            context.Response.Headers.Append("Warning", $"299 - \"unknown field \\\"{printable}\\\"\"");
        }
    }
}
