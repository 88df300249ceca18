using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Portkey.Portal.Web.Hosting.Api;

/// <summary>Makes the published calls say what their endpoints declare: parameters, bodies with an example, conditional answers, when to
/// look again.</summary>
internal static class OpenApiOperations
{
    private static readonly string[] OnlyWithBody = ["413", "415"];
    private static readonly string[] OnlyWhereSomethingChanges = ["409", "507"];

    public static void Complete(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var declared = TakesParameters.Of(metadata);
        operation.Parameters ??= [];
        foreach (var parameter in operation.Parameters.OfType<OpenApiParameter>().Where(p => p.In == ParameterLocation.Path))
        {
            parameter.Description = OfPath(parameter.Name ?? "", context.Description.RelativePath ?? "");
        }

        foreach (var parameter in declared)
        {
            operation.Parameters.Add(
                new OpenApiParameter
                {
                    Name = parameter.Name,
                    In = parameter.IsHeader ? ParameterLocation.Header : ParameterLocation.Query,
                    Required = parameter.IsRequired,
                    Description = parameter.Description,
                    Schema = parameter.Schema(),
                }
            );
        }

        Body(operation, metadata);
        Answers(operation, metadata, HttpMethods.IsGet(context.Description.HttpMethod ?? ""));
        operation.Description = Describe(operation.Summary ?? "", declared, metadata);
    }

    private static void Body(OpenApiOperation operation, IList<object> metadata)
    {
        if (metadata.OfType<TakesText>().LastOrDefault() is { } text)
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Description = text.Description,
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    ["text/plain"] = new()
                    {
                        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                        Example = text.Example,
                    },
                },
            };
        }
        else if (
            metadata.OfType<IAcceptsMetadata>().LastOrDefault() is { RequestType: { } type } accepts
            && operation.RequestBody?.Content is { } content
        )
        {
            ((OpenApiRequestBody)operation.RequestBody).Required = !accepts.IsOptional;
            var example =
                type.GetCustomAttribute<ExampleAttribute>()
                ?? throw new InvalidOperationException($"{type.Name} has no example; give it one with [Example].");
            foreach (var media in content.Values)
            {
                media.Example = JsonNode.Parse(example.Json);
            }
        }
    }

    private static void Answers(OpenApiOperation operation, IList<object> metadata, bool isGet)
    {
        var answers = operation.Responses ??= [];
        foreach (var status in (operation.RequestBody is null ? OnlyWithBody : []).Concat(isGet ? OnlyWhereSomethingChanges : []))
        {
            answers.Remove(status);
        }

        if (metadata.OfType<TaggedMark>().Any())
        {
            answers["304"] = new OpenApiResponse { Description = "It is still what the caller has." };
            Header(answers, "200", "ETag", "What to send as If-None-Match.", JsonSchemaType.String);
        }

        Header(answers, "201", "Location", "Where it is.", JsonSchemaType.String);
        foreach (var status in new[] { "202", "429", "503", "507" })
        {
            Header(answers, status, "Retry-After", "Seconds after which to look or to try again.", JsonSchemaType.Integer);
        }
    }

    private static void Header(OpenApiResponses answers, string status, string name, string description, JsonSchemaType type)
    {
        if (answers.TryGetValue(status, out var answer) && answer is OpenApiResponse response)
        {
            response.Headers ??= new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal);
            response.Headers[name] = new OpenApiHeader
            {
                Description = description,
                Schema = new OpenApiSchema { Type = type },
            };
        }
    }

    private static string Describe(string summary, IReadOnlyList<Parameter> declared, IList<object> metadata)
    {
        var more = new List<string> { summary };
        if (declared.Contains(Parameters.Cursor))
        {
            more.Add("Pages by cursor: send next of one page as cursor of the following; the last page has none.");
        }

        if (declared.Contains(Parameters.IdempotencyKey))
        {
            more.Add("Safe to repeat with the same Idempotency-Key.");
        }

        if (metadata.OfType<TaggedMark>().Any())
        {
            more.Add("Poll it with If-None-Match.");
        }

        return string.Join("\n\n", more);
    }

    // "requests/{id}" is the id of a request.
    private static string OfPath(string name, string path)
    {
        var parts = path.Split('/');
        var at = Array.FindIndex(parts, p => p.StartsWith($"{{{name}", StringComparison.Ordinal));
        var of = at > 0 ? parts[at - 1] : "";
        return name switch
        {
            "id" => $"Id of the {(of.EndsWith('s') ? of[..^1] : of)}.",
            "key" => "Name of the secret setting, such as REDIS_URL.",
            _ => $"Name or id of the {name}.",
        };
    }
}
