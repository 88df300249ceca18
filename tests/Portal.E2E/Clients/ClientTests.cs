using System.Reflection;
using NJsonSchema.CodeGeneration.CSharp;
using NSwag;
using NSwag.CodeGeneration.CSharp;
using NSwag.CodeGeneration.OperationNameGenerators;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.Clients;

/// <summary>Clients that are generated from what the running portal publishes, compiled strictly, do the main job.</summary>
[Collection(ProductCollection.Name)]
public sealed class ClientTests(Product product)
{
    private static string Walks => Path.Combine(Repository.Root, "tests", "Portal.E2E", "Clients", "Walks");

    [Fact]
    public async Task TypeScriptClient_GeneratedAndCompiled_DoesTheMainJob()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.Combine("openapi.json"), await DocumentAsync());
        await File.WriteAllTextAsync(folder.Combine("package.json"), """{"type":"module","private":true}""");
        File.Copy(Path.Combine(Walks, "walk.ts"), folder.Combine("walk.ts"));
        Directory.CreateSymbolicLink(folder.Combine("node_modules"), Tools.ClientTools);
        await Programs.RunAsync(
            "node",
            [Path.Combine(Tools.ClientTools, "openapi-typescript", "bin", "cli.js"), "openapi.json", "-o", "schema.d.ts"],
            folder.Path
        );
        await Programs.RunAsync(
            "node",
            [
                Path.Combine(Tools.ClientTools, "typescript", "bin", "tsc"),
                "--strict",
                "--noUncheckedIndexedAccess",
                "--exactOptionalPropertyTypes",
                "false",
                "--target",
                "es2022",
                "--module",
                "nodenext",
                "--lib",
                "es2023,dom,dom.iterable,dom.asynciterable",
                "--outDir",
                "out",
                "walk.ts",
            ],
            folder.Path
        );
        var endpoint = await Programs.RunAsync(
            "node",
            [Path.Combine("out", "walk.js"), product.Portal.BaseUrl.ToString().TrimEnd('/'), "payments-by-ts"],
            folder.Path,
            ("LEAD_TOKEN", await product.Portal.TokenAsync("lead-payments")),
            ("ADMIN_TOKEN", await product.Portal.TokenAsync("admin-1"))
        );
        await AnswersAsync(endpoint.Trim());
    }

    [Fact]
    public async Task CSharpClient_GeneratedAndCompiled_DoesTheMainJob()
    {
        using var folder = new TemporaryFolder();
        var document = await OpenApiDocument.FromJsonAsync(await DocumentAsync());
        var generator = new CSharpClientGenerator(
            document,
            new CSharpClientGeneratorSettings
            {
                ClassName = "PortalClient",
                OperationNameGenerator = new SingleClientFromOperationIdOperationNameGenerator(),
                UseBaseUrl = false,
                CSharpGeneratorSettings =
                {
                    Namespace = "Portkey.Portal.Generated",
                    JsonLibrary = CSharpJsonLibrary.NewtonsoftJson,
                    GenerateNullableReferenceTypes = true,
                    GenerateOptionalPropertiesAsNullable = true,
                },
            }
        );
        await File.WriteAllTextAsync(folder.Combine("Client.cs"), generator.GenerateFile());
        var assembly = await CompiledAsync(folder, [folder.Combine("Client.cs"), Path.Combine(Walks, "Walk.cs")]);

        using var lead = await product.Portal.ClientAsync("lead-payments");
        using var admin = await product.Portal.ClientAsync("admin-1");
        var walk = assembly.GetType("Portkey.Portal.Generated.Walk")!.GetMethod("RunAsync")!;
        await AnswersAsync(await (Task<string>)walk.Invoke(null, [lead, admin, "payments-by-csharp"])!);
    }

    private Task<string> DocumentAsync() => GetAsync("/openapi/v1.json");

    private async Task<string> GetAsync(string path)
    {
        using var client = await product.Portal.ClientAsync("lead-payments");
        return await client.GetStringAsync(new Uri(path, UriKind.Relative));
    }

    // The compiler of the SDK that builds this repository, and nothing that was not restored with it.
    private static async Task<Assembly> CompiledAsync(TemporaryFolder folder, string[] sources)
    {
        var sdk = (await Programs.RunAsync("dotnet", ["--list-sdks"], Repository.Root))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Last(l => l.StartsWith("10.", StringComparison.Ordinal));
        var compiler = Path.Combine(
            sdk[(sdk.IndexOf('[', StringComparison.Ordinal) + 1)..].TrimEnd(']', '\r'),
            sdk.Split(' ')[0],
            "Roslyn",
            "bincore",
            "csc.dll"
        );
        var usings = folder.Combine("Usings.cs");
        await File.WriteAllTextAsync(
            usings,
            "global using System; global using System.Collections.Generic; global using System.Linq; global using System.Net.Http; global using System.Threading.Tasks;"
        );
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Select(a => $"-reference:\"{a}\"");
        var output = folder.Combine("client.dll");
        var answers = folder.Combine("client.rsp");
        await File.WriteAllLinesAsync(
            answers,
            [
                "-nologo",
                "-target:library",
                "-nullable:enable",
                "-langversion:latest",
                $"-out:\"{output}\"",
                .. references,
                .. sources.Append(usings).Select(s => $"\"{s}\""),
            ]
        );
        await Programs.RunAsync("dotnet", ["exec", compiler, "-noconfig", $"@{answers}"], folder.Path);
        return Assembly.Load(await File.ReadAllBytesAsync(output));
    }

    private static async Task AnswersAsync(string endpoint)
    {
        using var client = new HttpClient();
        await Eventually.TrueAsync(
            async () => (await client.GetStringAsync(new Uri(endpoint))).Contains("AI Gateway says hey!", StringComparison.Ordinal),
            $"{endpoint} answers"
        );
    }
}
