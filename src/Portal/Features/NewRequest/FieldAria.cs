namespace Portkey.Portal.Web.Features.NewRequest;

/// <summary>What ties an input to its help and to what is wrong with it.</summary>
internal static class FieldAria
{
    public static Dictionary<string, object> Of(
        string id,
        string? help,
        string? error,
        bool required = false,
        IReadOnlyDictionary<string, object>? more = null
    )
    {
        var attributes = new Dictionary<string, object>(more ?? new Dictionary<string, object>(), StringComparer.Ordinal);
        string?[] by = [string.IsNullOrEmpty(help) ? null : $"{id}-help", error is null ? null : $"{id}-error"];
        var described = string.Join(' ', by.OfType<string>());
        if (described.Length > 0)
        {
            attributes["aria-describedby"] = described;
        }

        if (error is not null)
        {
            attributes["aria-invalid"] = "true";
        }

        if (required)
        {
            attributes["aria-required"] = "true";
        }

        return attributes;
    }

    /// <summary>The same for a group of choices, which itself is nothing that could be invalid.</summary>
    public static Dictionary<string, object> OfGroup(string id, string? error) =>
        error is null ? [] : new(StringComparer.Ordinal) { ["aria-describedby"] = $"{id}-error" };
}
