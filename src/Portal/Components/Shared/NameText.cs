namespace Portkey.Portal.Web.Components.Shared;

/// <summary>Names of properties as people read them.</summary>
internal static class NameText
{
    /// <summary><c>ImageRepository</c> and <c>imageRepository</c> are <c>Image repository</c>.</summary>
    public static string Spaced(string name) =>
        string.Concat(
            name.Select(
                (c, i) =>
                    i == 0 ? char.ToUpperInvariant(c).ToString()
                    : char.IsAsciiLetterUpper(c) ? $" {char.ToLowerInvariant(c)}"
                    : c.ToString()
            )
        );
}
