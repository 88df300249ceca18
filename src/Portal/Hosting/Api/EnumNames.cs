using System.Text.Json;

namespace Portkey.Portal.Web.Hosting.Api;

/// <summary>Enums as the contract spells them: <c>oss</c>, <c>loadBalancer</c>, <c>create</c>. Numbers and other spellings are
/// refused.</summary>
internal static class EnumNames
{
    public static IEnumerable<string> Of<T>()
        where T : struct, Enum => Of(typeof(T));

    public static IEnumerable<string> Of(Type type) => Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName);

    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    public static bool TryParse<T>(string text, out T value)
        where T : struct, Enum
    {
        var found = TryParse(typeof(T), text, out var word);
        value = found ? (T)word : default;
        return found;
    }

    public static bool TryParse(Type type, string text, out object value)
    {
        var name = Enum.GetNames(type)
            .FirstOrDefault(n => string.Equals(JsonNamingPolicy.CamelCase.ConvertName(n), text, StringComparison.Ordinal));
        value = name is null ? 0 : Enum.Parse(type, name);
        return name is not null;
    }
}
