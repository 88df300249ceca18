namespace Portkey.Portal.Sandbox.Schema;

/// <summary>The shape of a value.</summary>
internal enum Shape
{
    Any,
    String,
    Bytes,
    Time,
    Quantity,
    Int,
    Number,
    Bool,
    IntOrString,
    List,
    Map,
    Struct,
}

/// <summary>What is known of a field: its shape, its fields or elements, and how two writers' values are merged.</summary>
internal sealed class FieldType(Shape shape)
{
    /// <summary>A value of which nothing is known: any shape, fields merged one by one, lists whole.</summary>
    public static FieldType Unknown { get; } = new(Shape.Any);

    public Shape Shape { get; } = shape;

    /// <summary>The value is replaced as a whole and has one owner.</summary>
    public bool Atomic { get; init; }

    /// <summary>The element of a list or map.</summary>
    public FieldType Element { get; init; } = null!;

    /// <summary>Fields whose values tell the items of a list apart; <c>*</c> alone for a set of scalars.</summary>
    public string[] Keys { get; init; } = [];

    /// <summary>The fields of a struct.</summary>
    public Dictionary<string, FieldType> Fields { get; init; } = [];

    public string Name { get; init; } = "";

    public bool IsSet => Keys is ["*"];

    public bool IsAssociative => Keys.Length > 0 && !IsSet;

    /// <summary>The type of a member by name: a struct's field, a map's element, or unknown.</summary>
    public FieldType Member(string name) =>
        Shape switch
        {
            Shape.Struct => Fields.GetValueOrDefault(name) ?? Unknown,
            Shape.Map => Element,
            _ => Unknown,
        };

    /// <summary>What a key field is when it is left out: only ports have such a default.</summary>
    public static string? KeyDefault(string key) => key is "protocol" ? "TCP" : null;
}
