import ts from 'typescript';
import { sourceFiles } from './source-files.js';

/** A text of the program: what is fixed of it, in order; between two parts stands something that is filled in. */
export interface MessageShape {
  /** File and line. */
  readonly place: string;
  readonly parts: readonly string[];
  /** It is what a log is given as a warning or an error. */
  readonly isLogged: boolean;
}

/** Every text in `src`, but the simulator, whole: pieces that are put together with `+` are one text. */
export function messageShapes(): readonly MessageShape[] {
  return sourceFiles()
    .filter(({ path }) => !path.startsWith('simulator/'))
    .flatMap(({ path, text }) => {
      const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
      const shapes: MessageShape[] = [];
      const visit = (node: ts.Node): void => {
        const parts = partsOf(node);
        if (parts === undefined) {
          ts.forEachChild(node, visit);
          return;
        }
        const { line } = tree.getLineAndCharacterOfPosition(node.getStart());
        shapes.push({ place: `${path}:${line + 1}`, parts, isLogged: isLogged(node) });
        // What is filled in may hold further texts.
        if (ts.isTemplateExpression(node)) node.templateSpans.forEach((span) => visit(span.expression));
        if (ts.isBinaryExpression(node)) visitFilledIn(node, visit);
      };
      visit(tree);
      return shapes;
    });
}

function partsOf(node: ts.Node): readonly string[] | undefined {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isTemplateExpression(node)) return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)];
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
  const [left, right] = [partsOf(node.left), partsOf(node.right)];
  if (left === undefined || right === undefined) return undefined;
  return [...left.slice(0, -1), `${left.at(-1) ?? ''}${right[0] ?? ''}`, ...right.slice(1)];
}

function visitFilledIn(node: ts.Node, visit: (node: ts.Node) => void): void {
  ts.forEachChild(node, (child) => {
    if (ts.isTemplateExpression(child)) child.templateSpans.forEach((span) => visit(span.expression));
    else if (ts.isBinaryExpression(child)) visitFilledIn(child, visit);
  });
}

/** `log.warn('...')`, also with members before the text. */
function isLogged(node: ts.Node): boolean {
  const { parent } = node;
  return (
    ts.isCallExpression(parent) &&
    ts.isPropertyAccessExpression(parent.expression) &&
    ['warn', 'error'].includes(parent.expression.name.text)
  );
}
