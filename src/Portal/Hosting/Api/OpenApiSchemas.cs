using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Portkey.Portal.Provisioning.Clouds;

namespace Portkey.Portal.Web.Hosting.Api;

/// <summary>Makes the published shapes say what is read and written: of bodies, what <see cref="BodyContract"/> takes; of answers, that
/// every property is there.</summary>
internal sealed class OpenApiSchemas(EndpointDataSource endpoints)
{
    private readonly Lazy<HashSet<Type>> bodies = new(() => BodiesOf(endpoints));

    public void Complete(OpenApiSchema schema, OpenApiSchemaTransformerContext context)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        if (type.IsEnum)
        {
            schema.Type = JsonSchemaType.String;
            schema.Enum = [.. EnumNames.Of(type).Select(w => (JsonNode)w)];
        }
        else if (type == typeof(DateTime))
        {
            // Written by a converter of ours, which says nothing about its shape.
            schema.Type = type == context.JsonTypeInfo.Type ? JsonSchemaType.String : JsonSchemaType.String | JsonSchemaType.Null;
        }
        else if (type == typeof(SecretValue))
        {
            (schema.Type, schema.WriteOnly) = (JsonSchemaType.String, true);
        }

        if (schema.Properties is not { Count: > 0 } properties)
        {
            return;
        }

        if (!bodies.Value.Contains(type))
        {
            schema.Required = type == typeof(ProblemDetails) ? schema.Required : properties.Keys.ToHashSet(StringComparer.Ordinal);
            return;
        }

        var contract = BodyContract.Of(type);
        schema.AdditionalPropertiesAllowed = false;
        schema.Required = contract.Fields.Values.Where(f => f.IsRequired).Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var field in contract.Fields.Values)
        {
            Limit(properties[field.Name] as OpenApiSchema, field);
        }
    }

    /// <summary>A secret is a text wherever it stands, and no shape of its own.</summary>
    public static string? NameOf(JsonTypeInfo type) =>
        type.Type == typeof(SecretValue) ? null : OpenApiOptions.CreateDefaultSchemaReferenceId(type);

    private static void Limit(OpenApiSchema? schema, BodyField field)
    {
        if (schema is null)
        {
            return; // a reference to a record, which has limits of its own
        }

        if (field.Type == typeof(string) || field.Type == typeof(SecretValue))
        {
            schema.MaxLength = field.Longest;
        }
        else if (field.Type == typeof(DateTime))
        {
            (schema.Format, schema.MaxLength) = (null, field.Longest); // a day will do, too
        }
        else if (field.Type == typeof(IReadOnlyDictionary<string, SecretValue>))
        {
            schema.AdditionalProperties = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                WriteOnly = true,
                MaxLength = field.Entries?.Longest,
            };
        }
        else if (field.Entries is { } entries && (schema.Items ?? schema.AdditionalProperties) is OpenApiSchema entry)
        {
            entry.MaxLength = entries.Longest;
        }

        if (field.Range is { } range)
        {
            schema.Minimum = Convert.ToString(range.Minimum, CultureInfo.InvariantCulture);
            schema.Maximum = Convert.ToString(range.Maximum, CultureInfo.InvariantCulture);
        }
    }

    private static HashSet<Type> BodiesOf(EndpointDataSource endpoints)
    {
        var found = new HashSet<Type>();
        foreach (var body in endpoints.Endpoints.Select(e => e.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType).OfType<Type>())
        {
            Add(body, found);
        }

        return found;
    }

    private static void Add(Type type, HashSet<Type> found)
    {
        if (type.IsGenericType)
        {
            Add(type.GetGenericArguments()[^1], found);
        }
        else if (BodyContract.IsRecord(type) && found.Add(type))
        {
            foreach (var field in BodyContract.Of(type).Fields.Values)
            {
                Add(field.Type, found);
            }
        }
    }
}
