import type { EndpointState } from '../endpoints/endpoint.state.js';
import { type CompiledFilter, compileFilter } from '../filter/compile-filter.js';
import { wantedTypes } from '../filter/wanted-types.js';

/** An endpoint as it was at a position. */
export interface RouteRow {
  endpoint: string;
  workspace: string;
  state: EndpointState;
  /** Of the event that changed it last. */
  position: number;
}

/** The same, as it is asked for each event. */
export interface Route extends RouteRow {
  /** Null for all types. */
  types: ReadonlySet<string> | null;
  /** Null for no condition. */
  filter: CompiledFilter | null;
  /** Pins by their type, such as `message.created@1.0`. */
  pins: ReadonlyMap<string, string>;
}

export function routeOf(row: RouteRow): Route {
  const state = row.state.deleted ? withoutSettings(row.state) : row.state;
  const { types, filter, pin } = state;
  return {
    ...row,
    state,
    types: wantedTypes(types),
    filter: filter === null ? null : compileFilter(filter),
    pins: new Map(pin === '' ? [] : pin.split(',').map((one) => [one.trim().split('@')[0]!, one.trim()])),
  };
}

/** Nothing is sent to it any more. How its messages are tried stays, for the attempts that are under way. */
function withoutSettings(state: EndpointState): EndpointState {
  const what = { types: [], filter: null, pin: '', url: '', description: null };
  return { ...state, ...what, signatures: [], bodySignatureHeader: null, sealed: '', previous: null };
}

/** The version that an endpoint is sent an event in; empty for the newest that there was. */
export function pinOf({ pins }: Pick<Route, 'pins'>, { type }: { type: string }): string {
  return pins.get(type) ?? '';
}

const NONE: readonly Route[] = [];

/** Which endpoints events go to. */
export class Routes {
  private readonly byEndpoint = new Map<string, Route>();
  private readonly byWorkspace = new Map<string, Set<string>>();
  /** Of a workspace and a type; made when they are asked for. */
  private readonly wanting = new Map<string, Map<string, readonly Route[]>>();

  get(endpoint: string): Route | undefined {
    return this.byEndpoint.get(endpoint);
  }

  get size(): number {
    return this.byEndpoint.size;
  }

  all(): IterableIterator<Route> {
    return this.byEndpoint.values();
  }

  /** Puts an endpoint in the place of what it was before. */
  set(route: Route): void {
    const { endpoint, workspace } = route;
    this.byEndpoint.set(endpoint, route);
    const own = this.byWorkspace.get(workspace) ?? new Set();
    this.byWorkspace.set(workspace, own.add(endpoint));
    this.wanting.delete(workspace);
  }

  /** The enabled endpoints of a workspace that want events of a type, whatever their conditions say. */
  wantingOf(workspace: string, type: string): readonly Route[] {
    const own = this.byWorkspace.get(workspace);
    if (own === undefined) return NONE;
    const byType = this.wanting.get(workspace) ?? new Map<string, readonly Route[]>();
    this.wanting.set(workspace, byType);
    let routes = byType.get(type);
    if (routes === undefined) {
      routes = [...own].map((endpoint) => this.byEndpoint.get(endpoint)!).filter((route) => wants(route, type));
      byType.set(type, routes);
    }
    return routes;
  }

  /** Nothing is known of an endpoint any more. */
  delete(endpoint: string): void {
    const workspace = this.byEndpoint.get(endpoint)?.workspace;
    if (workspace === undefined) return;
    this.byEndpoint.delete(endpoint);
    this.wanting.delete(workspace);
    const own = this.byWorkspace.get(workspace)!;
    own.delete(endpoint);
    if (own.size === 0) this.byWorkspace.delete(workspace);
  }
}

/** Whether it is given events of a type that happen, as far as its conditions do not say no. */
export function wants({ state, types }: Pick<Route, 'state' | 'types'>, type: string): boolean {
  return isOpen(state) && (types === null || types.has(type));
}

/** Whether it is given what happens. */
export function isOpen({ disabled, deleted }: EndpointState): boolean {
  return disabled === null && !deleted;
}
