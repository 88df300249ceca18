using System.Text.Json;

namespace Portkey.Portal.Web.Api;

/// <summary>Enums as the contract spells them: <c>oss</c>, <c>loadBalancer</c>, <c>create</c>. Numbers and other spellings are refused.</summary>
internal static class Words
{
    public static IEnumerable<string> Of<T>() where T : struct, Enum => Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName);

    public static bool TryParse<T>(string text, out T value) where T : struct, Enum
    {
        foreach (var candidate in Enum.GetValues<T>())
        {
            if (string.Equals(Of(candidate), text, StringComparison.Ordinal))
            {
                value = candidate;
                return true;
            }
        }

        value = default;
        return false;
    }

    public static string Of<T>(T value) where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
