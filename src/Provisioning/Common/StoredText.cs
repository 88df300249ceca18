namespace Portkey.Portal.Provisioning.Common;

/// <summary>Fits what clusters, pods and programs say to what a column takes. SQLite takes anything; PostgreSQL refuses the row.</summary>
internal static class StoredText
{
    /// <summary>At most this many characters, without NUL and without half of a character at the end.</summary>
    public static string Fit(string text, int longest)
    {
        var clean = text.Contains('\0', StringComparison.Ordinal) ? text.Replace('\0', '\uFFFD') : text;
        if (clean.Length <= longest)
        {
            return clean;
        }

        var end = longest - 1;
        return string.Concat(clean.AsSpan(0, char.IsHighSurrogate(clean[end - 1]) ? end - 1 : end), "…");
    }
}
