using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common.Reading;

namespace Portkey.Portal.Web.Hosting.Api;

/// <summary>The fields of a body: the JSON contract of its record, with the limits that stand there as attributes. Read once for each
/// type.</summary>
internal sealed class BodyContract
{
    private static readonly ConcurrentDictionary<Type, BodyContract> Known = new();
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    private readonly Func<object> create;

    private BodyContract(JsonTypeInfo type)
    {
        create =
            type.CreateObject
            ?? throw new InvalidOperationException($"{type.Type.Name} has no constructor without parameters, so it cannot be a body.");
        Fields = type
            .Properties.Where(p => p.Set is not null)
            .Select(p => new BodyField(p))
            .ToDictionary(f => f.Name, StringComparer.Ordinal);
    }

    /// <summary>Fields by name.</summary>
    public IReadOnlyDictionary<string, BodyField> Fields { get; }

    public static BodyContract Of(Type type) => Known.GetOrAdd(type, t => new BodyContract(Json.GetTypeInfo(t)));

    /// <summary>One with every field at its default.</summary>
    public object Create() => create();

    /// <summary>What <typeparamref name="T"/> holds of <paramref name="from"/>, which has more.</summary>
    public static T Copy<T>(T from)
        where T : class
    {
        var contract = Of(typeof(T));
        var copy = contract.Create();
        foreach (var field in contract.Fields.Values)
        {
            field.Set(copy, field.Get(from));
        }

        return (T)copy;
    }

    /// <summary>Whether it is an object with fields of its own, and not a text, number or list.</summary>
    public static bool IsRecord(Type type) =>
        type is { IsClass: true, IsArray: false, IsGenericType: false }
        && type != typeof(string)
        && type != typeof(SecretValue)
        && type.Namespace?.StartsWith("Portkey.", StringComparison.Ordinal) == true;
}

/// <summary>One field of a body.</summary>
internal sealed class BodyField
{
    /// <summary>Longest text where nothing is said.</summary>
    public const int LongestText = 4096;

    private readonly JsonPropertyInfo property;

    public BodyField(JsonPropertyInfo property)
    {
        this.property = property;
        Type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        IsRequired = Attribute<RequiredAttribute>() is not null;
        Entries = Attribute<EntriesAttribute>();
        Longest = Attribute<StringLengthAttribute>()?.MaximumLength ?? LongestText;
        Range = Attribute<RangeAttribute>();
    }

    public string Name => property.Name;

    /// <summary>Its type, without the question mark.</summary>
    public Type Type { get; }

    public bool IsRequired { get; }

    /// <summary>Limits of what is in a list or map of texts; null where none are said.</summary>
    public EntriesAttribute? Entries { get; }

    /// <summary>Longest text.</summary>
    public int Longest { get; }

    /// <summary>Least and greatest number; judged with the rest of a proposal, not where it is read.</summary>
    public RangeAttribute? Range { get; }

    public object? Get(object from) => property.Get!(from);

    public void Set(object to, object? value) => property.Set!(to, value);

    private T? Attribute<T>()
        where T : Attribute => (property.AttributeProvider as MemberInfo)?.GetCustomAttribute<T>(inherit: true);
}
