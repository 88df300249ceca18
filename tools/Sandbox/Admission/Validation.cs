using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Admission;

/// <summary>Refuses invalid objects, with every reason at once (422).</summary>
internal static class Validation
{
    public static void Check(ResourceType type, JsonObject item, JsonObject? before)
    {
        var errors = new FieldErrors();
        MetaRules.Check(type, item, errors);
        KindRules.Check(type, item, before, errors);
        errors.ThrowIfAny(type, item.Name());
    }
}

/// <summary>Gathers what is wrong, field by field.</summary>
internal sealed class FieldErrors
{
    private readonly List<(string Reason, string Field, string Message)> _errors = [];

    public void Required(string field, string? why = null) =>
        _errors.Add(("FieldValueRequired", field, "Required value" + (why is null ? "" : ": " + why)));

    public void Invalid(string field, JsonNode? value, string why) =>
        _errors.Add(("FieldValueInvalid", field, $"Invalid value: {Show(value)}: {why}"));

    public void Unsupported(string field, JsonNode? value, params ReadOnlySpan<string> supported) =>
        _errors.Add(
            (
                "FieldValueNotSupported",
                field,
                $"Unsupported value: {Show(value)}: supported values: {string.Join(", ", supported.ToArray().Select(s => $"\"{s}\""))}"
            )
        );

    public void Duplicate(string field, string value) => _errors.Add(("FieldValueDuplicate", field, $"Duplicate value: \"{value}\""));

    public void Forbidden(string field, string why) => _errors.Add(("FieldValueForbidden", field, "Forbidden: " + why));

    public void TooLong(string field, long limit) =>
        _errors.Add(("FieldValueTooLong", field, $"Too long: may not be more than {limit} bytes"));

    public void ThrowIfAny(ResourceType type, string name)
    {
        if (_errors.Count == 0)
        {
            return;
        }

        var lines = _errors.Take(50).Select(e => $"{e.Field}: {e.Message}").ToList();
        var text = lines.Count == 1 ? lines[0] : $"[{string.Join(", ", lines)}]";
        var kind = type.Group.Length == 0 ? type.Kind : $"{type.Kind}.{type.Group}";
        var causes = new JsonArray([
            .. _errors
                .Take(50)
                .Select(e => new JsonObject
                {
                    ["reason"] = e.Reason,
                    ["message"] = e.Message,
                    ["field"] = e.Field,
                }),
        ]);
        var details = KubeStatusException.Describe(type, name, causes);
        details["kind"] = type.Kind;
        throw new KubeStatusException(422, "Invalid", $"{kind} \"{name}\" is invalid: {text}", details);
    }

    private static string Show(JsonNode? value)
    {
        var text = value?.ToJsonString() ?? "null";
        return text.Length > 200 ? text[..200] + "…" : text;
    }
}
