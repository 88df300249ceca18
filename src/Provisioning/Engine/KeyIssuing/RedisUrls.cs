namespace Portkey.Portal.Provisioning.Engine.KeyIssuing;

/// <summary>User and password in what a setting of Redis holds.</summary>
internal static class RedisUrls
{
    private const string Url = "REDIS_URL";

    /// <summary>Who signs in; <c>default</c> where a URL names nobody, null where the setting does not tell.</summary>
    public static string? UserOf(string key, string value) =>
        key != Url ? null
        : Parts(value).UserInfo.Split(':', 2)[0] is { Length: > 0 } user ? Uri.UnescapeDataString(user)
        : "default";

    /// <summary>The password; empty for none.</summary>
    public static string PasswordOf(string key, string value) =>
        key != Url ? value
        : Parts(value).UserInfo.Split(':', 2) is [_, var password] ? Uri.UnescapeDataString(password)
        : "";

    /// <summary>The same value with another password, which needs no escaping. Everything else stays to the letter.</summary>
    public static string With(string key, string value, string password)
    {
        if (key != Url)
        {
            return password;
        }

        var (scheme, userInfo, place) = Parts(value);
        return $"{scheme}{userInfo.Split(':', 2)[0]}:{password}@{place}";
    }

    private static (string Scheme, string UserInfo, string Place) Parts(string url)
    {
        var start = url.IndexOf("://", StringComparison.Ordinal) is >= 0 and var at ? at + 3 : 0;
        var end = url.AsSpan(start).IndexOfAny('/', '?', '#') is >= 0 and var found ? start + found : url.Length;
        var sign = url.LastIndexOf('@', end - 1, end - start);
        return sign < 0 ? (url[..start], "", url[start..]) : (url[..start], url[start..sign], url[(sign + 1)..]);
    }
}
