using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Headroom.Routing.AspNetCore.Tests.House;

/// <summary>Which folders of a project use which, read from its compiled assembly. A type's folder is that of the file of its name.</summary>
internal sealed class FolderGraph
{
    private readonly Dictionary<string, string> _folders;
    private readonly SortedDictionary<(string From, string To), string> _uses = [];

    private FolderGraph(Dictionary<string, string> folders) => _folders = folders;

    /// <summary>The folders that have types.</summary>
    public IEnumerable<string> Folders => _folders.Values.Distinct();

    /// <summary>Which folder uses which, each with an example.</summary>
    public IReadOnlyDictionary<(string From, string To), string> Uses => _uses;

    public static FolderGraph Of(string project)
    {
        var root = Path.Combine(Repository.Root, "src", project);
        var folders = Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(root, file))
            .Where(file => !file.StartsWith("obj", StringComparison.Ordinal) && !file.StartsWith("bin", StringComparison.Ordinal))
            .ToDictionary(file => Path.GetFileNameWithoutExtension(file), file => Path.GetDirectoryName(file)!);
        var graph = new FolderGraph(folders);
        using var assembly = AssemblyDefinition.ReadAssembly(Path.Combine(AppContext.BaseDirectory, project + ".dll"));
        foreach (var type in assembly.MainModule.GetTypes())
        {
            graph.Add(type);
        }

        return graph;
    }

    /// <summary>A way from a folder back to itself; empty if there is none.</summary>
    public IReadOnlyList<string> FindCircle()
    {
        foreach (var start in Folders)
        {
            var ways = new Queue<string[]>([[start]]);
            var seen = new HashSet<string>();
            while (ways.TryDequeue(out var way))
            {
                foreach (var (edge, example) in _uses.Where(use => use.Key.From == way[0]))
                {
                    if (edge.To == start)
                    {
                        return [.. way.Reverse(), start, example];
                    }

                    if (seen.Add(edge.To))
                    {
                        ways.Enqueue([edge.To, .. way]);
                    }
                }
            }
        }

        return [];
    }

    private void Add(TypeDefinition type)
    {
        if (FolderOf(type) is not { } from)
        {
            return;
        }

        foreach (var used in UsedBy(type).SelectMany(Parts))
        {
            if (FolderOf(used) is { } to && to != from)
            {
                _uses.TryAdd((from, to), $"{type.Name} uses {used.Name}");
            }
        }
    }

    // What the compiler writes by itself (LoggerMessage, binders) has no file, and counts for nobody.
    private string? FolderOf(TypeReference type)
    {
        while (type.DeclaringType is not null)
        {
            type = type.DeclaringType;
        }

        var name = type.Name.Split('`')[0];
        return type.Scope is ModuleDefinition && _folders.TryGetValue(name, out var folder) ? folder : null;
    }

    private static IEnumerable<TypeReference> UsedBy(TypeDefinition type) =>
    [
        .. type.BaseType is { } baseType ? [baseType] : Array.Empty<TypeReference>(),
        .. type.Interfaces.Select(one => one.InterfaceType),
        .. type.CustomAttributes.Select(attribute => attribute.AttributeType),
        .. type.Fields.Select(field => field.FieldType),
        .. type.Methods.SelectMany(UsedBy),
    ];

    private static IEnumerable<TypeReference> UsedBy(MethodDefinition method) =>
    [
        method.ReturnType,
        .. method.Parameters.Select(parameter => parameter.ParameterType),
        .. method.CustomAttributes.Select(attribute => attribute.AttributeType),
        .. method.HasBody ? method.Body.Variables.Select(variable => variable.VariableType) : [],
        .. method.HasBody ? method.Body.Instructions.SelectMany(UsedBy) : [],
    ];

    private static IEnumerable<TypeReference> UsedBy(Instruction instruction) => instruction.Operand switch
    {
        TypeReference type => [type],
        MethodReference method =>
        [
            method.DeclaringType, method.ReturnType, .. method.Parameters.Select(parameter => parameter.ParameterType),
            .. method is GenericInstanceMethod generic ? generic.GenericArguments.ToArray() : [],
        ],
        FieldReference field => [field.DeclaringType, field.FieldType],
        _ => [],
    };

    private static IEnumerable<TypeReference> Parts(TypeReference type) => type switch
    {
        GenericInstanceType generic => [generic.ElementType, .. generic.GenericArguments.SelectMany(Parts)],
        TypeSpecification wrapped => Parts(wrapped.ElementType),
        _ => [type],
    };
}
